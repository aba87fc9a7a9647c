import type { Scalar, Tensor2D } from '@tensorflow/tfjs'
import { throwIfCancelled } from '../../../src-shared/errors.ts'
import type { Backend } from '../backend/backend.ts'
import { opsOf } from '../backend/ops/ops.ts'
import { breathe } from '../evaluation/run-network.ts'
import type { OpenedSubject } from '../evaluation/subject.ts'
import { forward, type Moments } from '../model/forward.ts'
import type { Network } from '../model/layer.ts'
import { tensorSpecs } from '../model/tensor-specs.ts'
import { fromTensor } from '../model/weights.ts'
import { computeLosses, type Losses, type Objective } from '../training/losses.ts'

/** Gradients by tensor name, PyTorch's layout. */
export type Gradients = Map<string, Float32Array>

/** One batch's gradients of the total and of its weighted terms, in the order of `termsOf`, and the terms' values. */
export type BatchGradients = {
  total: Gradients
  terms: Gradients[]
  losses: { total: number; crossEntropy: number[]; kl: number[]; hint: number[] }
}

type Batch = { images: Float32Array; shape: [number, number, number]; labels: Int32Array }
type Term = {
  term: 'crossEntropy' | 'kl' | 'hint'
  /** 1-based. */ exit: number
  /** In the total. */ weight: number
  index: number
}

/** The terms that a method's total is made of, with their weights. */
export function termsOf(network: Network, { method, distillation }: Objective): Term[] {
  const exits = network.exits.map(({ exit }) => exit)
  const deepest = exits.length - 1
  const labels = (weightOf: (index: number) => number): Term[] =>
    exits.map((exit, index) => ({ term: 'crossEntropy', exit, weight: weightOf(index), index }))
  if (method === 'baseline') return labels((index) => (index === deepest ? 1 : 0)).filter(({ weight }) => weight > 0)
  if (method === 'deep-supervision') return labels(() => 1)
  const shallow = (term: 'kl' | 'hint', weight: number): Term[] =>
    exits.slice(0, -1).map((exit, index) => ({ term, exit, weight, index }))
  return [
    ...labels((index) => (index === deepest ? 1 : 1 - distillation.alpha)),
    ...shallow('kl', distillation.alpha),
    ...shallow('hint', distillation.lambda)
  ]
}

/**
 * Gradients of one batch with BatchNorm in training mode, its averages not updated, no weight decay. Each term is
 * differentiated on its own, so `onFraction` is called once per term.
 */
export async function gradientsOfTerms(
  backend: Backend,
  { checkpoint, state }: OpenedSubject,
  { images, shape, labels }: Batch,
  objective: Objective,
  onFraction: (fraction: number) => void,
  signal: AbortSignal | undefined
): Promise<BatchGradients> {
  const { tf } = backend
  const ops = opsOf(backend)
  const { network } = checkpoint
  const specs = new Map(tensorSpecs(network).map((spec) => [spec.name, spec]))
  const names = [...state.parameters.keys()]
  const input = tf.tensor4d(images, [labels.length, ...shape])
  const targets = tf.tidy(() => tf.oneHot(tf.tensor1d(labels, 'int32'), network.classes).toFloat()) as Tensor2D

  let values: BatchGradients['losses'] | null = null
  const differentiate = (pick: (losses: Losses) => Scalar): Gradients => {
    const gradients: Gradients = new Map()
    tf.tidy(() => {
      const moments = new Map<string, Moments>()
      const { grads } = tf.engine().gradients(
        () => {
          const outputs = forward(tf, ops, network, state, input, { kind: 'train', moments })
          const losses = computeLosses(tf, ops, outputs, targets, objective)
          values ??= readLosses(losses)
          return pick(losses)
        },
        names.map((name) => state.parameters.get(name)!)
      )
      for (const { mean, variance } of moments.values()) tf.dispose([mean, variance])
      // A tensor that a term does not reach has no gradient: zero.
      names.forEach((name, index) => {
        const gradient = grads[index] as (typeof grads)[number] | undefined
        const size = state.parameters.get(name)!.size
        gradients.set(name, gradient ? fromTensor(specs.get(name)!, gradient).data : new Float32Array(size))
      })
    })
    return gradients
  }

  try {
    const terms = termsOf(network, objective)
    const total = differentiate((losses) => losses.total)
    const parts: Gradients[] = []
    for (const { term, weight, index } of terms) {
      throwIfCancelled(signal)
      onFraction((parts.length + 1) / (terms.length + 1))
      parts.push(differentiate((losses) => tf.mul(losses[term][index]!, weight)))
      await breathe()
    }
    onFraction(1)
    return { total, terms: parts, losses: values! }
  } finally {
    tf.dispose([input, targets])
  }
}

function readLosses({ total, crossEntropy, kl, hint }: Losses): BatchGradients['losses'] {
  const read = (scalar: Scalar) => scalar.dataSync()[0]!
  return { total: read(total), crossEntropy: crossEntropy.map(read), kl: kl.map(read), hint: hint.map(read) }
}
