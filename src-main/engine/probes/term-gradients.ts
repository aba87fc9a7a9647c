import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import { throwIfCancelled } from '../../../src-shared/errors.ts'
import type { Backend } from '../backend/backend.ts'
import { compileByShape } from '../backend/compile/by-shape.ts'
import { opsOf } from '../backend/ops/ops.ts'
import { breathe } from '../evaluation/run-network.ts'
import type { OpenedSubject } from '../evaluation/subject.ts'
import { forward, type Moments } from '../model/forward.ts'
import type { Network } from '../model/layer.ts'
import { tensorSpecs } from '../model/tensor-specs.ts'
import { fromTensor } from '../model/weights.ts'
import { computeLosses, type Objective } from '../training/losses.ts'

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

/** Gradients that one call gives are at most this large together, bytes. */
const mostBytes = 2 ** 29

/** Differentiates batches of one network; `dispose` frees what was compiled. */
export type TermDifferentiator = {
  /** One batch's gradients. `onFraction` is called as terms are done. */
  batch(batch: Batch, onFraction: (fraction: number) => void, signal: AbortSignal | undefined): Promise<BatchGradients>
  dispose(): void
}

type Parameters = Map<string, Tensor>

/** Gradients with BatchNorm in training mode, its averages not updated, no weight decay. */
export function createDifferentiator(
  backend: Backend,
  { checkpoint, state }: OpenedSubject,
  objective: Objective
): TermDifferentiator {
  const { network } = checkpoint
  const specs = new Map(tensorSpecs(network).map((spec) => [spec.name, spec]))
  const terms = termsOf(network, objective)
  const bytes = [...state.parameters.values()].reduce((sum, { size }) => sum + 4 * size, 0)
  // Op by op, what a pass leaves behind would stay until the call's end.
  const perCall = backend.executor === 'eager' ? 1 : Math.max(1, Math.floor(mostBytes / bytes))
  const groups = Array.from({ length: Math.ceil(terms.length / perCall) }, (_, index) =>
    terms.slice(index * perCall, (index + 1) * perCall)
  )
  const compiled = groups.map((group) => compileGroup(backend, network, objective, group))

  return {
    async batch({ images, shape, labels }, onFraction, signal) {
      const { tf } = backend
      const input = tf.tensor4d(images, [labels.length, ...shape])
      const targets = tf.tensor1d(labels, 'int32')
      let losses: number[] = []
      const parts: Gradients[] = []
      try {
        for (const [index, differentiate] of compiled.entries()) {
          throwIfCancelled(signal)
          const result = await differentiate.call(state.parameters, input, targets)
          losses = [...(await result.losses.data())]
          for (const reached of result.gradients) parts.push(await read(reached))
          tf.dispose([result.losses, ...result.gradients.flatMap((reached) => [...reached.values()])])
          onFraction((index + 1) / compiled.length)
          await breathe()
        }
        return { total: sum(parts), terms: parts, losses: nameLosses(network, objective, losses) }
      } finally {
        tf.dispose([input, targets])
      }
    },
    dispose() {
      for (const each of compiled) each.dispose()
    }
  }

  /** A tensor that a term does not reach has the gradient zero. */
  async function read(reached: Parameters): Promise<Gradients> {
    const gradients: Gradients = new Map()
    for (const [name, { size }] of state.parameters) {
      const gradient = reached.get(name)
      gradients.set(name, gradient ? (await fromTensor(specs.get(name)!, gradient)).data : new Float32Array(size))
    }
    return gradients
  }
}

/**
 * The gradients of some weighted terms, each of the tensors that it reaches, and the values of all. Every term has a
 * forward pass of its own in the recording; TensorFlow finds that they are one.
 */
function compileGroup(backend: Backend, network: Network, objective: Objective, group: Term[]) {
  const { tf } = backend
  const ops = opsOf(backend)
  return compileByShape(backend, (parameters: Parameters, images: Tensor, labels: Tensor) => {
    const names = [...parameters.keys()]
    const targets = tf.oneHot(labels as Tensor1D, network.classes).toFloat() as Tensor2D
    let losses: Tensor | undefined
    const gradients = group.map(({ term, index, weight }): Parameters => {
      const moments = new Map<string, Moments>()
      const { grads } = tf.engine().gradients(
        () => {
          const trained = { parameters, statistics: new Map(), batchesTracked: 0 }
          const outputs = forward(tf, ops, network, trained, images as Tensor4D, { kind: 'train', moments })
          const all = computeLosses(tf, ops, outputs, targets, objective)
          losses ??= tf.keep(tf.stack([all.total, ...all.crossEntropy, ...all.kl, ...all.hint]))
          return tf.mul(all[term][index]!, weight) as Scalar
        },
        names.map((name) => parameters.get(name)!)
      )
      for (const { mean, variance } of moments.values()) tf.dispose([mean, variance])
      const reached = names.flatMap((name, at): [string, Tensor][] => {
        const gradient = grads[at] as Tensor | undefined
        return gradient ? [[name, gradient]] : []
      })
      return new Map(reached)
    })
    return { gradients, losses: losses! }
  })
}

/** The total's gradient is the sum of its weighted terms'. */
function sum(parts: Gradients[]): Gradients {
  const total: Gradients = new Map()
  for (const [name, { length }] of parts[0]!)
    total.set(
      name,
      Float32Array.from({ length }, (_, at) => parts.reduce((so, part) => so + part.get(name)![at]!, 0))
    )
  return total
}

/** total, every exit's cross entropy, and where distilled the shallow exits' KL and hint. */
function nameLosses(network: Network, { method }: Objective, values: number[]): BatchGradients['losses'] {
  const exits = network.exits.length
  const distilled = method === 'self-distillation' ? exits - 1 : 0
  const [total = NaN, ...rest] = values
  return {
    total,
    crossEntropy: rest.slice(0, exits),
    kl: rest.slice(exits, exits + distilled),
    hint: rest.slice(exits + distilled)
  }
}
