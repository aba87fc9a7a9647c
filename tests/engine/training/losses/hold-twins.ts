import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import { expect, test } from 'vitest'
import type { Backend } from '../../../../src-main/engine/backend/backend.ts'
import { opsOf, type Ops } from '../../../../src-main/engine/backend/ops/ops.ts'
import { attentionTransferLoss } from '../../../../src-main/engine/training/losses/attention-transfer.ts'
import { smoothLabels } from '../../../../src-main/engine/training/losses/label-smoothing.ts'
import { mutualLearningLoss } from '../../../../src-main/engine/training/losses/mutual-learning.ts'
import { selfDistillationTerms } from '../../../../src-main/engine/training/losses/self-distillation.ts'
import { sharpnessPerturbations } from '../../../../src-main/engine/training/losses/sharpness-aware.ts'
import { presetDistillation, termWeights } from '../../../../src-shared/science/distillation-loss.ts'
import { readWitness } from '../../../science/loss-fixtures.ts'
import { oneHot, twinCases, type Nested, type TwinCase } from './twin-cases.ts'

type Tf = Backend['tf']

/** The terms as one vector, then the gradient of the first by each input. */
export function termsAndGradients(tf: Tf, ops: Ops, terms: TwinCase['terms'], inputs: Tensor[]): Tensor[] {
  return tf.tidy(() => {
    let vector: Tensor | undefined
    const { grads } = tf.engine().gradients(() => {
      const made = terms(tf, ops, ...inputs)
      vector = tf.keep(tf.stack(made))
      return made[0]!
    }, inputs)
    const kept = tf.clone(vector!)
    vector!.dispose()
    return [kept, ...grads]
  })
}

const flatten = (value: Nested): number[] => (Array.isArray(value) ? value.flatMap(flatten) : [value])

/** Each value within `tolerance` of its size, and no gradient off by more than that share of its tensor's largest. */
export function expectTwin(
  read: number[][],
  { values, gradients }: Pick<TwinCase, 'values' | 'gradients'>,
  tolerance = 1e-5
): void {
  expect(read).toHaveLength(1 + gradients.length)
  expect(read[0]).toHaveLength(values.length)
  values.forEach((value, i) => expect(Math.abs(read[0]![i]! - value)).toBeLessThanOrEqual(tolerance * Math.abs(value)))
  gradients.map(flatten).forEach((expected, k) => {
    const largest = Math.max(...expected.map(Math.abs))
    expect(read[k + 1]).toHaveLength(expected.length)
    expected.forEach((slope, i) => expect(Math.abs(read[k + 1]![i]! - slope)).toBeLessThanOrEqual(tolerance * largest))
  })
}

/** The loss as it stood at first, in one piece. */
function formerTerms(
  tf: Tf,
  ops: Ops,
  outputs: { logits: Tensor2D; features: Tensor2D }[],
  labels: number[][],
  { alpha, lambda, temperature }: { alpha: number; lambda: number; temperature: number }
): Scalar[] {
  const targets = tf.tensor2d(labels)
  const deepest = outputs.at(-1)!
  const shallow = outputs.slice(0, -1)
  const crossEntropy = outputs.map(({ logits }) => ops.softmaxCrossEntropy(logits, targets))
  const teacherFeatures = ops.stopGradient(deepest.features)
  const softened = tf.div(ops.stopGradient(deepest.logits), temperature)
  const teacher = tf.softmax(softened) as Tensor2D
  const entropy = tf.neg(tf.mean(tf.sum(tf.mul(teacher, tf.logSoftmax(softened)), 1)))
  const kl = shallow.map(({ logits }): Scalar => {
    const soft = ops.softmaxCrossEntropy(tf.div(logits, temperature), teacher)
    return tf.mul(tf.sub(soft, entropy), temperature ** 2)
  })
  const hint = shallow.map(({ features }): Scalar =>
    tf.mean(tf.sum(tf.squaredDifference(features, teacherFeatures), 1))
  )
  const total: Scalar = tf.addN([
    crossEntropy.at(-1)!,
    tf.mul(tf.addN(crossEntropy.slice(0, -1)), 1 - alpha),
    tf.mul(tf.addN(kl), alpha),
    tf.mul(tf.addN(hint), lambda)
  ])
  return [total, ...crossEntropy, ...kl, ...hint]
}

/** Tests of one opened backend: every twin gives PyTorch's values and gradients, and leaks nothing. */
export function holdTwins(backend: Backend): void {
  const { tf } = backend
  const ops = opsOf(backend)

  test.each(twinCases())('$name', (twin) => {
    const before = backend.tensorCount()
    const inputs = twin.inputs.map((value) => tf.tensor(value as number[]))
    const results = termsAndGradients(tf, ops, twin.terms, inputs)
    const read = results.map((tensor) => [...tensor.dataSync()])
    tf.dispose([...results, ...inputs])
    expectTwin(read, twin)
    expect(backend.tensorCount()).toBe(before)
  })

  test('sharpness-aware minimisation: gradient, step uphill, gradient there', () => {
    const witness = readWitness('sharpness-aware')
    tf.tidy(() => {
      const images = tf.tensor2d(witness.images)
      const targets = tf.tensor2d(oneHot(witness.labels))
      const loss = (w: Tensor, b: Tensor): Scalar =>
        ops.softmaxCrossEntropy(tf.add(tf.matMul(images, w as Tensor2D), b as Tensor1D), targets)
      const weights = [tf.tensor(witness.weight), tf.tensor(witness.bias)]
      const first = tf.grads(loss as never)(weights)
      const moves = sharpnessPerturbations(tf, first, witness.rho)
      const second = tf.grads(loss as never)(weights.map((weight, i) => tf.add(weight, moves[i]!)))
      const read = [...first, ...moves, ...second].map((tensor) => [...tensor.dataSync()])
      const gradients = [...witness.gradients, ...witness.perturbations, ...witness.perturbedGradients]
      expectTwin([[], ...read], { values: [], gradients })
      const still = sharpnessPerturbations(tf, [tf.zeros([3])], witness.rho)
      expect([...still[0]!.dataSync()]).toEqual([0, 0, 0])
    })
  })

  test('the default form is to the last bit what was trained with before there were forms', () => {
    const { logits, features, labels } = readWitness('self-distillation')
    const inputs = [...logits, ...features].map((value) => tf.tensor2d(value))
    const split = (given: Tensor[]) =>
      [0, 1, 2, 3].map((i) => ({ logits: given[i] as Tensor2D, features: given[4 + i] as Tensor2D }))
    const choice = { alpha: 0.3, lambda: 0.03, temperature: 3 }
    const now: TwinCase['terms'] = (_, __, ...given) => {
      const targets = tf.tensor2d(oneHot(labels))
      const terms = selfDistillationTerms(tf, ops, split(given), targets, termWeights(choice, 4))
      return [terms.total, ...terms.crossEntropy, ...terms.kl, ...terms.hint]
    }
    const before: TwinCase['terms'] = (_, __, ...given) => formerTerms(tf, ops, split(given), oneHot(labels), choice)
    const [a, b] = [now, before].map((terms) =>
      termsAndGradients(tf, ops, terms, inputs).map((tensor) => {
        const values = [...tensor.dataSync()]
        tensor.dispose()
        return values
      })
    )
    tf.dispose(inputs)
    expect(a).toEqual(b)
  })

  test('equal features and all-zero maps have gradient zero, not NaN', () => {
    tf.tidy(() => {
      const logits = tf.ones([2, 3]) as Tensor2D
      const deepest = tf.ones([2, 3]) as Tensor2D
      const targets = tf.tensor2d(oneHot([0, 1], 3))
      const weights = { ...termWeights(presetDistillation('byot-journal', 3), 2), hint: [1, 0] }
      const byFeatures = tf.grad((x) => {
        const outputs = [x, deepest].map((features) => ({ logits, features: features as Tensor2D }))
        return selfDistillationTerms(tf, ops, outputs, targets, weights).total
      })(tf.ones([2, 3]))
      expect([...byFeatures.dataSync()]).toEqual(Array(6).fill(0))

      const byMap = tf.grad((map) => {
        const stages = [{ student: map as Tensor4D, teacher: tf.ones([2, 2, 2, 1]) as Tensor4D }]
        return attentionTransferLoss(tf, ops, { logits, stages }, targets).total
      })(tf.zeros([2, 2, 2, 1]))
      expect([...byMap.dataSync()].map(Math.abs)).toEqual(Array(8).fill(0))
    })
  })

  test('shapes that would be stretched are refused', () => {
    tf.tidy(() => {
      const logits = tf.zeros([2, 3]) as Tensor2D
      const outputs = [1, 4].map((width) => ({ logits, features: tf.zeros([2, width]) as Tensor2D }))
      const weights = termWeights(presetDistillation('scan', 4), 2)
      expect(() => selfDistillationTerms(tf, ops, outputs, logits, weights)).toThrow("[2,1] beside the teacher's [2,4]")
      expect(() => selfDistillationTerms(tf, ops, outputs, logits, weights, undefined, 'maps')).toThrow(
        'the map of every'
      )
      expect(() => mutualLearningLoss(tf, ops, [logits], logits)).toThrow('two students at least, not 1')
      expect(() => attentionTransferLoss(tf, ops, { logits, stages: [] }, logits)).toThrow('one stage at least')
      expect(() => smoothLabels(tf, logits, -1)).toThrow('0 to 1, not -1')
    })
  })
}
