import type { Backend } from '../backend/backend.ts'
import { isTrainable, type TensorSpec } from '../model/tensor-specs.ts'
import { disposeState, fromTensor, stateOf, toTensor, weightsOf, type Weights } from '../model/weights.ts'
import type { TrainingState } from './training-step.ts'

/** Weights and velocity as plain data, PyTorch's layout. */
export type PlainTrainingState = {
  weights: Weights
  velocity: Weights
  /** Of a run in float16. */
  lossScale?: [scale: number, streak: number] | undefined
}

/** Puts weights and velocity of the tensors that are trained on the backend. */
export function toTrainingState(
  { tf }: Backend,
  specs: readonly TensorSpec[],
  plain: PlainTrainingState
): TrainingState {
  const velocity = new Map(
    specs.filter(isTrainable).map((spec) => [spec.name, toTensor(tf, spec, plain.velocity.get(spec.name)!)])
  )
  const lossScale = plain.lossScale ? tf.tensor1d(plain.lossScale) : null
  return { network: stateOf(tf, specs, plain.weights), velocity, lossScale }
}

/** Reads weights and velocity back. */
export async function fromTrainingState(
  specs: readonly TensorSpec[],
  state: TrainingState
): Promise<PlainTrainingState> {
  const velocity: Weights = new Map()
  for (const spec of specs.filter(isTrainable))
    velocity.set(spec.name, await fromTensor(spec, state.velocity.get(spec.name)!))
  const weights = await weightsOf(specs, state.network)
  if (!state.lossScale) return { weights, velocity }
  const [scale = 1, streak = 0] = await state.lossScale.data()
  return { weights, velocity, lossScale: [scale, streak] }
}

/** Frees every tensor of a training state. */
export function disposeTrainingState(state: TrainingState): void {
  disposeState(state.network)
  for (const tensor of state.velocity.values()) tensor.dispose()
  state.lossScale?.dispose()
}

/** The velocity of what has not moved yet. */
export const zeroVelocity = (specs: readonly TensorSpec[]): Weights =>
  new Map(
    specs
      .filter(isTrainable)
      .map(({ name, shape }) => [name, { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }])
  )

/** True if every number is finite. */
export const isFiniteState = ({ weights, velocity }: PlainTrainingState): boolean =>
  [...weights.values(), ...velocity.values()].every(({ data }) => data.every(Number.isFinite))
