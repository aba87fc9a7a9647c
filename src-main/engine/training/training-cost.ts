import { needsTeacher, type RunConfig } from '../../../src-shared/run-config.ts'
import { keptActivations } from '../model/activations.ts'
import { exitCosts } from '../model/cost.ts'
import type { Network } from '../model/layer.ts'
import { isTrainable, tensorSpecs } from '../model/tensor-specs.ts'

type Decisive = Pick<RunConfig, 'method' | 'samRadius' | 'batchSize'>

/** The way back computes two products where the way forward computes one: by the input, and by the weights. */
const withWayBack = 3

/**
 * Multiply-adds of training on one image: forward and back through every exit that is trained, with SAM twice, with
 * mutual learning through two networks; and forward through what teaches.
 */
export function trainingMultiplyAdds(
  network: Network,
  { method, samRadius }: Decisive,
  teacher: Network | null,
  size: number,
  /** Whether the network of a round before teaches. */
  isTaught = true
): number {
  const { ensemble, full } = exitCosts(network, size)
  const students = method === 'mutual-learning' ? 2 : 1
  const passes = samRadius ? 2 : 1
  const own = students * passes * withWayBack * ensemble.multiplyAdds
  // Each round after the first learns from the network of the one before.
  const taught = method === 'self-distillation-rounds' && isTaught ? full.multiplyAdds : 0
  return own + passes * (taught + (needsTeacher(method) && teacher ? exitCosts(teacher, size).full.multiplyAdds : 0))
}

/** What a program needs before it trains anything: Node, TensorFlow's library, a data set. Measured, bytes. */
const baseBytes = 400e6

/** Memory that training takes at its peak, about: tensors of the state before and after a step, and activations. */
export function stepMemory(
  network: Network,
  { method, batchSize }: Decisive,
  teacher: Network | null,
  size: number
): number {
  const students = method === 'mutual-learning' ? 2 : 1
  // Weights and velocities before and after, and gradients.
  const state = 5 * 4 * trainableCount(network)
  const frozen =
    4 * (teacher ? trainableCount(teacher) : method === 'self-distillation-rounds' ? trainableCount(network) : 0)
  return baseBytes + frozen + students * (state + 1.3 * batchSize * keptActivations(network, size))
}

const trainableCount = (network: Network): number =>
  tensorSpecs(network)
    .filter(isTrainable)
    .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)
