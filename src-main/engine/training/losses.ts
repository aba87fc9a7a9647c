import type { Scalar, Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import type { LossTermName } from '../../../src-shared/reports.ts'
import type { RunConfig } from '../../../src-shared/run-config.ts'
import { termWeights } from '../../../src-shared/science/distillation-loss.ts'
import type { Ops } from '../backend/ops/ops.ts'
import type { ExitOutput } from '../model/forward.ts'
import { attentionTransferLoss } from './losses/attention-transfer.ts'
import { fitnetsLoss } from './losses/fitnets-loss.ts'
import { knowledgeDistillationLoss } from './losses/knowledge-distillation.ts'
import { mutualLearningLoss } from './losses/mutual-learning.ts'
import { roundLoss, roundTargets } from './losses/round-loss.ts'
import { selfDistillationTerms, type Adapt } from './losses/self-distillation.ts'

type Tf = typeof import('@tensorflow/tfjs')

/** A method and what decides its loss. */
export type Objective = Pick<
  RunConfig,
  'method' | 'distillation' | 'teacher' | 'rounds' | 'mutual' | 'labelSmoothing' | 'samRadius'
>

/** Terms before weighting, shallowest exit first, what each adds to the total, and the total, which is minimised. */
export type Losses = {
  total: Scalar
  crossEntropy: Scalar[]
  kl: Scalar[]
  hint: Scalar[]
  weighted: [LossTermName, Scalar][]
}

/** What a loss looks at beside the exits' outputs; which of it is there depends on the method. */
export type Surroundings = {
  /** What the student's stages give, and the teacher's. */
  maps?: Tensor4D[]
  teacher?: { logits: Tensor2D; maps: Tensor4D[] }
  /** The logits of the second student. */
  peer?: Tensor2D
  /** The student's map brought to the teacher's channels. */
  regress?: (map: Tensor4D) => Tensor4D
  adapt?: Adapt
}

/** What a method minimises; `targets` [N,C] are one-hot or smoothed labels. */
export function computeLosses(
  tf: Tf,
  ops: Ops,
  outputs: ExitOutput[],
  targets: Tensor2D,
  objective: Objective,
  around: Surroundings = {}
): Losses {
  const sum = (terms: Scalar[]): Scalar => (terms.length ? (tf.addN(terms) as Scalar) : tf.scalar(0))
  const times = (term: Scalar, weight: number): Scalar => tf.mul(term, weight)
  const logits = outputs.at(-1)!.logits
  const labels = (): Losses => {
    const crossEntropy = outputs.map((output) => ops.softmaxCrossEntropy(output.logits, targets))
    const total = objective.method === 'deep-supervision' ? sum(crossEntropy) : crossEntropy.at(-1)!
    return { total, crossEntropy, kl: [], hint: [], weighted: [['crossEntropy', total]] }
  }

  switch (objective.method) {
    case 'baseline':
    case 'deep-supervision':
      return labels()
    case 'self-distillation': {
      if (outputs.length === 1) return labels()
      const { distillation } = objective
      const weights = termWeights(distillation, outputs.length)
      const terms = selfDistillationTerms(tf, ops, outputs, targets, weights, around.adapt, distillation.hintOn)
      const dot = (list: Scalar[], by: number[]): Scalar => sum(list.map((term, index) => times(term, by[index]!)))
      return {
        ...terms,
        weighted: [
          ['crossEntropy', dot(terms.crossEntropy, weights.label)],
          ['kl', dot(terms.kl, weights.distill)],
          ['hint', dot(terms.hint, weights.hint)]
        ]
      }
    }
    case 'kd': {
      const { labelWeight, weight, temperature } = objective.teacher!
      const teacher = around.teacher!.logits
      const weights = { labelWeight, distillWeight: weight, temperature }
      const { total, crossEntropy, kl } = knowledgeDistillationLoss(
        tf,
        ops,
        { student: logits, teacher },
        targets,
        weights
      )
      return {
        total,
        crossEntropy: [crossEntropy],
        kl: [kl],
        hint: [],
        weighted: [
          ['crossEntropy', times(crossEntropy, labelWeight)],
          ['kl', times(kl, weight)]
        ]
      }
    }
    case 'fitnets': {
      const { labelWeight, weight, stage } = objective.teacher!
      const [regressed, teacherMap] = equalSizes(
        tf,
        around.regress!(around.maps![stage - 1]!),
        around.teacher!.maps[stage - 1]!
      )
      const weights = { labelWeight, hintWeight: weight }
      const { total, crossEntropy, hint } = fitnetsLoss(tf, ops, { logits, regressed, teacherMap }, targets, weights)
      return {
        total,
        crossEntropy: [crossEntropy],
        kl: [],
        hint: [hint],
        weighted: [
          ['crossEntropy', times(crossEntropy, labelWeight)],
          ['hint', times(hint, weight)]
        ]
      }
    }
    case 'attention-transfer': {
      const { labelWeight, weight } = objective.teacher!
      const stages = around.maps!.map((student, index) => ({ student, teacher: around.teacher!.maps[index]! }))
      const weights = { labelWeight, attentionWeight: weight }
      const { total, crossEntropy, attention } = attentionTransferLoss(tf, ops, { logits, stages }, targets, weights)
      return {
        total,
        crossEntropy: [crossEntropy],
        kl: [],
        hint: [],
        weighted: [
          ['crossEntropy', times(crossEntropy, labelWeight)],
          ['attention', times(sum(attention), weight)]
        ]
      }
    }
    case 'mutual-learning':
      return mutualLosses(tf, ops, logits, around.peer!, targets, objective.mutual ?? { weight: 1, temperature: 1 })
    case 'self-distillation-rounds': {
      const loss = objective.rounds?.loss ?? 'l2'
      const wanted = around.teacher ? roundTargets(tf, ops, loss, around.teacher.logits) : targets
      const total = roundLoss(tf, ops, loss, logits, wanted)
      const crossEntropy = ops.softmaxCrossEntropy(logits, targets)
      return { total, crossEntropy: [crossEntropy], kl: [], hint: [], weighted: [['outputs', total]] }
    }
  }
}

/** Both students at once (Zhang et al. 2018): the total is of both, the reported terms are the first one's. */
function mutualLosses(
  tf: Tf,
  ops: Ops,
  own: Tensor2D,
  peer: Tensor2D,
  targets: Tensor2D,
  settings: NonNullable<Objective['mutual']>
): Losses {
  const { total, crossEntropy, kl } = mutualLearningLoss(tf, ops, [own, peer], targets, settings)
  const [labels, mutual] = [tf.addN(crossEntropy) as Scalar, tf.mul(tf.addN(kl), settings.weight) as Scalar]
  return {
    total,
    crossEntropy: crossEntropy.slice(0, 1),
    kl: kl.slice(0, 1),
    hint: [],
    weighted: [
      ['crossEntropy', labels],
      ['mutual', mutual]
    ]
  }
}

/** The larger of two maps averaged down to the other's size. */
function equalSizes(tf: Tf, a: Tensor4D, b: Tensor4D): [Tensor4D, Tensor4D] {
  const size = Math.min(a.shape[1], b.shape[1])
  const shrink = (map: Tensor4D): Tensor4D => {
    const window = map.shape[1] / size
    return window === 1 ? map : tf.avgPool(map, window, window, 'valid')
  }
  return [shrink(a), shrink(b)]
}

/** How many values of each kind a step tells, and which weighted terms: what `computeLosses` gives, in its order. */
export function termLayout(
  { method }: Objective,
  exits: number
): { crossEntropy: number; kl: number; hint: number; weighted: LossTermName[] } {
  const layout = (kl: number, hint: number, ...weighted: LossTermName[]) => ({
    crossEntropy: exits,
    kl,
    hint,
    weighted
  })
  switch (method) {
    case 'self-distillation':
      return exits > 1 ? layout(exits - 1, exits - 1, 'crossEntropy', 'kl', 'hint') : layout(0, 0, 'crossEntropy')
    case 'kd':
      return layout(1, 0, 'crossEntropy', 'kl')
    case 'fitnets':
      return layout(0, 1, 'crossEntropy', 'hint')
    case 'attention-transfer':
      return layout(0, 0, 'crossEntropy', 'attention')
    case 'mutual-learning':
      return layout(1, 0, 'crossEntropy', 'mutual')
    case 'self-distillation-rounds':
      return layout(0, 0, 'outputs')
    default:
      return layout(0, 0, 'crossEntropy')
  }
}
