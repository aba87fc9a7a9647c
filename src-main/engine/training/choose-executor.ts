import { executors, type CallOptions, type Executor } from '../../../src-shared/contract.ts'
import { throwIfCancelled } from '../../../src-shared/errors.ts'
import type { RunConfig } from '../../../src-shared/run-config.ts'
import { quantile } from '../../../src-shared/science/statistics.ts'
import type { Backend } from '../backend/backend.ts'
import { freshWeights } from '../model/initialize.ts'
import { weightedLayers, type Network, type WeightedLayer } from '../model/layer.ts'
import { teach, type LoadedTeacher } from './teacher.ts'
import { trainedSpecs } from './trained-tensors.ts'
import { Stepper, type Batch } from './stepper.ts'
import { toTrainingState, zeroVelocity } from './training-state.ts'

/** A run as long as this is worth the seconds that XLA compiles, milliseconds. */
const longRunMs = 180_000
/** With fewer steps nothing is measured. */
const fewSteps = 200
const measuredSteps = 4
/** Convolutions that XLA may be asked to compile. */
const mostCompiled = 80

/** How the steps of a run are computed, and why: asked for, the usual way, or the fastest that was measured. */
export type Choice = {
  executor: Executor
  reason: 'asked' | 'usual' | 'measured'
  msPerStep: Partial<Record<Executor, number>>
}

type Plan = {
  backend: Backend
  network: Network
  config: RunConfig
  steps: number
  teacher: LoadedTeacher | null
  /** A first batch, made anew at each call. */
  batch: () => Batch
}

/**
 * The fastest executor for a long run, measured with steps on a network of its own; the backend's usual one for a short
 * run. Throws CancelledError when the signal is aborted.
 */
export async function chooseExecutor(plan: Plan, { onProgress, signal }: CallOptions): Promise<Choice> {
  const { backend, steps } = plan
  const usual: Choice = { executor: backend.executor, reason: 'usual', msPerStep: {} }
  if (backend.executor === 'eager' || steps < fewSteps) return usual
  const say = (message: string) => onProgress?.({ fraction: 0, secondsLeft: NaN, message })
  say('Timing a step')
  const msPerStep: Choice['msPerStep'] = { [usual.executor]: await timeSteps(plan, usual.executor, signal) }
  if (steps * msPerStep[usual.executor]! < longRunMs) return { ...usual, msPerStep }
  const others = executors.filter((other) => other !== usual.executor && (other !== 'xla' || compilesSoon(plan)))
  for (const executor of others) {
    say(executor === 'xla' ? 'Timing a step compiled with XLA; compiling takes some seconds' : 'Timing a step')
    // A network that XLA can't compile is trained without it.
    const ms = await timeSteps(plan, executor, signal).catch((error: unknown) => {
      throwIfCancelled(signal)
      if (executor !== 'xla') throw error
      return Infinity
    })
    if (ms < Infinity) msPerStep[executor] = ms
  }
  const [fastest] = Object.entries(msPerStep).sort(([, a], [, b]) => a - b)
  return { executor: fastest![0] as Executor, reason: 'measured', msPerStep }
}

/** XLA takes seconds for ResNet18's twenty convolutions and many minutes for hundreds. */
function compilesSoon({ network, config, teacher }: Plan): boolean {
  const { method, samRadius } = config
  const students = method === 'mutual-learning' ? 2 : 1
  const taught = teacher?.network ?? (method === 'self-distillation-rounds' ? network : null)
  const passes = samRadius ? 2 : 1
  return passes * (students * convolutionsOf(network) + (taught ? convolutionsOf(taught) : 0)) <= mostCompiled
}

function convolutionsOf(network: Network): number {
  const layers = [...network.stem, ...network.stages.flat(), ...network.exits.flatMap(({ head }) => head)]
  const convolutions = [...weightedLayers(layers)].filter(({ kind }) => kind !== 'batchNorm')
  const groupsOf = (layer: WeightedLayer) =>
    layer.kind === 'convolution' && layer.groups !== layer.outChannels ? (layer.groups ?? 1) : 1
  return convolutions.reduce((sum, layer) => sum + groupsOf(layer), 0)
}

/** Median time of a step after the first one, which compiles, milliseconds. */
async function timeSteps(
  { backend, network, config, batch, teacher }: Plan,
  executor: Executor,
  signal: AbortSignal | undefined
): Promise<number> {
  const specs = trainedSpecs(network, config, teacher?.network ?? null)
  const state = toTrainingState(backend, specs, {
    weights: freshWeights(specs, config.seed),
    velocity: zeroVelocity(specs)
  })
  const teaching = teacher && teach(backend, teacher)
  const stepper = new Stepper({ ...backend, executor }, network, config, config, state, teaching)
  try {
    const times: number[] = []
    for (let step = 0; step <= measuredSteps; step++) {
      throwIfCancelled(signal)
      const next = batch()
      const started = performance.now()
      await stepper.take(next, config.learningRate, async () => undefined)
      await stepper.readMetrics()
      if (step > 0) times.push(performance.now() - started)
    }
    return quantile(times, 0.5)
  } finally {
    stepper.dispose()
  }
}
