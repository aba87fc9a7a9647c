import type { Scalar, Tensor, Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import type { Backend } from '../../../../src-main/engine/backend/backend.ts'
import type { Ops } from '../../../../src-main/engine/backend/ops/ops.ts'
import { attentionTransferLoss } from '../../../../src-main/engine/training/losses/attention-transfer.ts'
import { fitnetsLoss } from '../../../../src-main/engine/training/losses/fitnets-loss.ts'
import { knowledgeDistillationLoss } from '../../../../src-main/engine/training/losses/knowledge-distillation.ts'
import { smoothLabels } from '../../../../src-main/engine/training/losses/label-smoothing.ts'
import { mutualLearningLoss } from '../../../../src-main/engine/training/losses/mutual-learning.ts'
import { roundLoss, roundTargets } from '../../../../src-main/engine/training/losses/round-loss.ts'
import { selfDistillationTerms } from '../../../../src-main/engine/training/losses/self-distillation.ts'
import { presetDistillation, presetNames, termWeights } from '../../../../src-shared/science/distillation-loss.ts'
import { roundLossKinds } from '../../../../src-shared/science/round-loss.ts'
import { perExitWeights, readWitness } from '../../../science/loss-fixtures.ts'

/** A tensor's values. */
export type Nested = number | Nested[]
type Tf = Backend['tf']

/** What a test asks of one method: its inputs, a pure function of them to scalars, and PyTorch's numbers. */
export type TwinCase = {
  name: string
  inputs: Nested[]
  /** The first is minimised. */
  terms: (tf: Tf, ops: Ops, ...inputs: Tensor[]) => Scalar[]
  values: number[]
  /** Gradient of the first term by each input. */
  gradients: Nested[]
}

/** Labels as rows of zeros with a one. */
export const oneHot = (labels: number[], classes = 5): number[][] =>
  labels.map((label) => Array.from({ length: classes }, (_, c) => (c === label ? 1 : 0)))
/** Gradients of inputs that get none. */
const zerosLike = (value: Nested): Nested => (Array.isArray(value) ? value.map(zerosLike) : 0)

function selfDistillationCases(): TwinCase[] {
  const { labels, logits, features, maps, adapters, forms, onMaps } = readWitness('self-distillation')
  const names = [...presetNames, 'per-exit'] as const
  const width = features[0]![0]!.length
  const cases = names.map((name): TwinCase => {
    const choice = name === 'per-exit' ? perExitWeights : presetDistillation(name, width)
    const expected = forms[name]
    // The public code of these counts the teacher's entropy in its total.
    const softCrossEntropy = presetNames.slice(1).some((known) => known === name)
    const weights = { ...termWeights(choice, 4), softCrossEntropy }
    const { crossEntropy, kl, hint, entropy, total } = expected
    return {
      name,
      inputs: [...logits, ...features],
      terms: (tf, ops, ...given) => {
        const outputs = [0, 1, 2, 3].map((i) => ({ logits: given[i] as Tensor2D, features: given[4 + i] as Tensor2D }))
        const adapt = (index: number, x: Tensor2D): Tensor2D =>
          name === 'byot-journal'
            ? tf.add(tf.matMul(x, tf.tensor2d(adapters[index]!.weight), false, true), adapters[index]!.bias)
            : x
        const targets = tf.tensor2d(oneHot(labels))
        const terms = selfDistillationTerms(tf, ops, outputs, targets, weights, adapt)
        const entropies = terms.teacherEntropy ? [terms.teacherEntropy] : []
        return [terms.total, ...terms.crossEntropy, ...terms.kl, ...terms.hint, ...entropies]
      },
      values: [total, ...crossEntropy, ...kl, ...hint, ...(softCrossEntropy ? [entropy * weights.klFactor] : [])],
      gradients: [...expected.byLogits, ...expected.byFeatures]
    }
  })
  const hintAlone = termWeights({ alpha: 0, lambda: 1, temperature: 3, labelWeights: [0, 0, 0, 0] }, 4)
  cases.push({
    name: 'the hint on maps',
    inputs: maps,
    terms: (tf, ops, ...given) => {
      const outputs = given.map((map, i) => ({
        logits: tf.tensor2d(logits[i]!),
        features: tf.tensor2d(features[i]!),
        map: map as Tensor4D
      }))
      const targets = tf.tensor2d(oneHot(labels))
      const { total, hint } = selfDistillationTerms(tf, ops, outputs, targets, hintAlone, undefined, 'maps')
      return [total, ...hint]
    },
    values: [onMaps.hint.reduce((a, b) => a + b, 0), ...onMaps.hint],
    gradients: onMaps.byMaps
  })
  return cases
}

function teacherCases(): TwinCase[] {
  const kd = readWitness('knowledge-distillation')
  const fitnets = readWitness('fitnets')
  const attention = readWitness('attention-transfer')
  return [
    {
      name: 'knowledge distillation',
      inputs: [kd.student, kd.teacher],
      terms: (tf, ops, student, teacher) => {
        const logits = { student: student as Tensor2D, teacher: teacher as Tensor2D }
        const loss = knowledgeDistillationLoss(tf, ops, logits, tf.tensor2d(oneHot(kd.labels)))
        return [loss.total, loss.crossEntropy, loss.kl]
      },
      values: [kd.total, kd.crossEntropy, kd.kl],
      gradients: [kd.byStudent, zerosLike(kd.teacher)]
    },
    {
      name: 'FitNets',
      inputs: [fitnets.logits, fitnets.regressed, fitnets.teacherMap],
      terms: (tf, ops, logits, regressed, teacherMap) => {
        const given = { logits, regressed, teacherMap } as Parameters<typeof fitnetsLoss>[2]
        const loss = fitnetsLoss(tf, ops, given, tf.tensor2d(oneHot(fitnets.labels)))
        return [loss.total, loss.crossEntropy, loss.hint]
      },
      values: [fitnets.total, fitnets.crossEntropy, fitnets.hint],
      gradients: [fitnets.byLogits, fitnets.byMap, zerosLike(fitnets.teacherMap)]
    },
    {
      name: 'attention transfer',
      inputs: [attention.logits, ...attention.stages.flatMap(({ student, teacher }) => [student, teacher])],
      terms: (tf, ops, logits, ...maps) => {
        const stages = attention.stages.map((_, i) => ({
          student: maps[2 * i] as Tensor4D,
          teacher: maps[2 * i + 1] as Tensor4D
        }))
        const given = { logits: logits as Tensor2D, stages }
        const loss = attentionTransferLoss(tf, ops, given, tf.tensor2d(oneHot(attention.labels)))
        return [loss.total, loss.crossEntropy, ...loss.attention]
      },
      values: [attention.total, attention.crossEntropy, ...attention.attention],
      gradients: [
        attention.byLogits,
        ...attention.stages.flatMap(({ teacher }, i) => [attention.byMaps[i]!, zerosLike(teacher)])
      ]
    }
  ]
}

function peerAndLabelCases(): TwinCase[] {
  const mutual = readWitness('mutual-learning')
  const smoothing = readWitness('label-smoothing')
  const rounds = readWitness('rounds')
  return [
    ...mutual.cases.map(({ students, ...expected }): TwinCase => ({
      name: `mutual learning of ${students.length}`,
      inputs: students,
      terms: (tf, ops, ...logits) => {
        const loss = mutualLearningLoss(tf, ops, logits as Tensor2D[], tf.tensor2d(oneHot(mutual.labels)))
        return [loss.total, ...loss.crossEntropy, ...loss.kl]
      },
      values: [expected.total, ...expected.crossEntropy, ...expected.kl],
      gradients: expected.byStudents
    })),
    {
      name: 'label smoothing',
      inputs: [smoothing.logits],
      terms: (tf, ops, logits) => {
        const targets = smoothLabels(tf, tf.tensor2d(oneHot(smoothing.labels)), smoothing.smoothing)
        return [ops.softmaxCrossEntropy(logits as Tensor2D, targets)]
      },
      values: [smoothing.loss],
      gradients: [smoothing.byLogits]
    },
    ...roundLossKinds.flatMap((kind) =>
      rounds.losses[kind].map((expected, round): TwinCase => ({
        name: `round ${round} with ${kind}`,
        inputs: [rounds.logits],
        terms: (tf, ops, logits) => {
          const last = roundTargets(tf, ops, kind, tf.tensor2d(rounds.last))
          const targets = round ? last : tf.tensor2d(oneHot(rounds.labels))
          return [roundLoss(tf, ops, kind, logits as Tensor2D, targets)]
        },
        values: [expected.loss],
        gradients: [expected.byLogits]
      }))
    )
  ]
}

/** Every method's loss as PyTorch gives it. */
export const twinCases = (): TwinCase[] => [...selfDistillationCases(), ...teacherCases(), ...peerAndLabelCases()]
