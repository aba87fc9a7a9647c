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
import { trainsEveryExit } from '../../../src-shared/run-config.ts'
import { termWeights } from '../../../src-shared/science/distillation-loss.ts'
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
  if (!trainsEveryExit(method)) return labels((index) => (index === deepest ? 1 : 0)).filter(({ weight }) => weight > 0)
  if (method === 'deep-supervision' || exits.length === 1) return labels(() => 1)
  const weights = termWeights(distillation, exits.length)
  const shallow = (term: 'kl' | 'hint', of: number[]): Term[] =>
    exits.slice(0, -1).map((exit, index) => ({ term, exit, weight: of[index]!, index }))
  return [
    ...labels((index) => weights.label[index]!),
    ...shallow('kl', weights.distill),
    ...shallow('hint', weights.hint)
  ]
}

/** Differentiates batches of one network; `dispose` frees what was compiled. */
export type TermDifferentiator = {
  /** One batch's gradients. `onFraction` is called once per term, each being differentiated on its own. */
  batch(batch: Batch, onFraction: (fraction: number) => void, signal: AbortSignal | undefined): Promise<BatchGradients>
  dispose(): void
}

/** Gradients with BatchNorm in training mode, its averages not updated, no weight decay. */
export function createDifferentiator(
  backend: Backend,
  { checkpoint, state }: OpenedSubject,
  objective: Objective
): TermDifferentiator {
  const { tf } = backend
  const ops = opsOf(backend)
  const { network } = checkpoint
  const specs = new Map(tensorSpecs(network).map((spec) => [spec.name, spec]))
  const terms = termsOf(network, objective)

  /** The gradient of the terms' sum, each times its entry in `weights` [terms]: one function for all of them. */
  const compiled = compileByShape(
    backend,
    (parameters: Map<string, Tensor>, images: Tensor, labels: Tensor, weights: Tensor) => {
      const names = [...parameters.keys()]
      const moments: Moments = new Map()
      let losses: Tensor | undefined
      const { grads } = tf.engine().gradients(
        () => {
          const trained = { parameters, statistics: new Map(), batchesTracked: 0 }
          const targets = tf.oneHot(labels as Tensor1D, network.classes).toFloat() as Tensor2D
          const outputs = forward(tf, ops, network, trained, images as Tensor4D, { kind: 'train', moments })
          const all = computeLosses(tf, ops, outputs, targets, objective)
          losses = tf.keep(tf.stack([all.total, ...all.crossEntropy, ...all.kl, ...all.hint]))
          const chosen = terms.map(({ term, index }) => all[term][index]!)
          return tf.sum(tf.mul(tf.stack(chosen), weights)) as Scalar
        },
        names.map((name) => parameters.get(name)!)
      )
      tf.dispose([...moments.values()])
      // A tensor that no term reaches has no gradient.
      const reached = names.map(
        (name, index) => (grads[index] as Tensor | undefined) ?? tf.zerosLike(parameters.get(name)!)
      )
      return { gradients: new Map(names.map((name, index) => [name, reached[index]!])), losses: losses! }
    }
  )

  return {
    async batch({ images, shape, labels }, onFraction, signal) {
      const input = tf.tensor4d(images, [labels.length, ...shape])
      const targets = tf.tensor1d(labels, 'int32')
      let losses: number[] = []
      const differentiate = async (weightOf: (term: Term, index: number) => number): Promise<Gradients> => {
        const weights = tf.tensor1d(terms.map(weightOf))
        const result = await compiled.call(state.parameters, input, targets, weights)
        weights.dispose()
        losses = [...(await result.losses.data())]
        result.losses.dispose()
        const gradients: Gradients = new Map()
        for (const [name, gradient] of result.gradients) {
          gradients.set(name, (await fromTensor(specs.get(name)!, gradient)).data)
          gradient.dispose()
        }
        return gradients
      }
      try {
        const total = await differentiate(({ weight }) => weight)
        const parts: Gradients[] = []
        for (const [position, { weight }] of terms.entries()) {
          throwIfCancelled(signal)
          onFraction((position + 1) / (terms.length + 1))
          parts.push(await differentiate((_, index) => (index === position ? weight : 0)))
          await breathe()
        }
        onFraction(1)
        return { total, terms: parts, losses: nameLosses(network, objective, losses) }
      } finally {
        tf.dispose([input, targets])
      }
    },
    dispose: () => compiled.dispose()
  }
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
