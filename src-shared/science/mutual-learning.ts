import { divergence } from './divergence.ts'
import type { Matrix } from './matrix.ts'
import { crossEntropy } from './softmax.ts'

/**
 * Losses of deep mutual learning (Zhang et al. 2018, section 3): student k minimises CE_k + mean over its peers j of
 * KL(p_j || p_k), peers fixed and temperature 1, all students in one step, so `total` is the sum over students. `kl` is each
 * student's mean; logits N x C of each student, two at least; throws RangeError where shapes or labels do not fit.
 */
export function mutualLearningLoss(
  students: readonly Matrix[],
  labels: ArrayLike<number>
): { total: number; crossEntropy: number[]; kl: number[] } {
  const peers = students.length - 1
  if (peers < 1) throw new RangeError(`Mutual learning needs two students at least, not ${students.length}.`)
  const ce = students.map((student) => crossEntropy(student, labels))
  const kl = students.map(
    (student, own) =>
      students.reduce((sum, peer, index) => (index === own ? sum : sum + divergence(peer, student)), 0) / peers
  )
  return { total: [...ce, ...kl].reduce((sum, term) => sum + term, 0), crossEntropy: ce, kl }
}
