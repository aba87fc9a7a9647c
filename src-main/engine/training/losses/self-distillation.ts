import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import type { HintOn, TermWeights } from '../../../../src-shared/science/distillation-loss.ts'
import type { Ops } from '../../backend/ops/ops.ts'
import { fixedTeacher } from './fixed-teacher.ts'
import { hintDistance } from './hint-distance.ts'

type Tf = typeof import('@tensorflow/tfjs')

/** One exit's logits [N,C], pooled features [N,d] and its head's map before pooling [N,H,W,d]. */
export type ExitTensors = { logits: Tensor2D; features: Tensor2D; map?: Tensor4D | undefined }

/** What the hint compares of a shallow exit in place of its features [N,d]: the output of its adapter, as wide as the deepest exit's. */
export type Adapt = (exitIndex: number, features: Tensor2D) => Tensor2D

/** Terms before weighting, shallowest exit first (kl and hint of the shallow exits only), and what is minimised. */
export type SelfDistillationTerms = {
  total: Scalar
  crossEntropy: Scalar[]
  /** With the form's factor, T^2 or 1. */
  kl: Scalar[]
  hint: Scalar[]
  /** The softened teacher's mean entropy with KL's factor: present where the total counts it. */
  teacherEntropy?: Scalar
}

/**
 * The tensor twin of science/distillation-loss: the three sources of 'Be Your Own Teacher' (Zhang et al. 2019, section 3),
 * the deepest exit as teacher without gradient; `targets` [N,C] are one-hot or smoothed labels. A term of weight 0 stays in
 * the total, so that everything trained has a gradient. Throws RangeError where an exit's features or maps do not fit.
 */
export function selfDistillationTerms(
  tf: Tf,
  ops: Ops,
  outputs: readonly ExitTensors[],
  targets: Tensor2D,
  weights: TermWeights,
  adapt: Adapt = (_, features) => features,
  hintOn: HintOn = 'features'
): SelfDistillationTerms {
  const deepest = outputs.at(-1)!
  const shallow = outputs.slice(0, -1)
  const { temperature, klFactor, hintKind } = weights

  const crossEntropy = outputs.map(({ logits }) => ops.softmaxCrossEntropy(logits, targets))
  const teacher = fixedTeacher(tf, ops, deepest.logits, temperature)
  const kl = shallow.map(({ logits }) => tf.mul(teacher.divergenceTo(logits), klFactor) as Scalar)
  const teacherHint = ops.stopGradient(hintOn === 'maps' ? flatMap(deepest) : deepest.features)
  const hint = shallow.map((exit, exitIndex) => {
    const compared = hintOn === 'maps' ? flatMap(exit) : adapt(exitIndex, exit.features)
    // Between features of two lengths there is no distance; a weight says that none is wanted.
    if (weights.hint[exitIndex] === 0 && compared.shape[1] !== teacherHint.shape[1]) return tf.scalar(0)
    return hintDistance(tf, teacherHint, compared, hintKind)
  })

  const deepestWeight = weights.label.at(-1)!
  const parts = [
    deepestWeight === 1 ? crossEntropy.at(-1)! : (tf.mul(crossEntropy.at(-1)!, deepestWeight) as Scalar),
    ...weighted(tf, crossEntropy.slice(0, -1), weights.label),
    ...weighted(tf, kl, weights.distill),
    ...weighted(tf, hint, weights.hint)
  ]
  const terms = { crossEntropy, kl, hint }
  if (!weights.softCrossEntropy) return { total: tf.addN(parts) as Scalar, ...terms }
  const teacherEntropy = tf.mul(teacher.entropy, klFactor) as Scalar
  const counted = weights.distill.reduce((sum, weight) => sum + weight, 0)
  return { total: tf.addN([...parts, tf.mul(teacherEntropy, counted)]) as Scalar, ...terms, teacherEntropy }
}

/** The weighted sum as a list of one, or of none where there are no terms; a weight that all share multiplies once. */
function weighted(tf: Tf, terms: Scalar[], weights: readonly number[]): Scalar[] {
  if (!terms.length) return []
  const first = weights[0]!
  if (terms.every((_, index) => weights[index] === first)) return [tf.mul(tf.addN(terms), first) as Scalar]
  return [tf.addN(terms.map((term, index) => tf.mul(term, weights[index]!))) as Scalar]
}

function flatMap({ map }: ExitTensors): Tensor2D {
  if (!map) throw new RangeError('A hint on maps needs the map of every exit; give them or take the features.')
  return map.reshape([map.shape[0], -1])
}
