import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openNetwork } from '../../../src-main/engine/checkpoint/checkpoint.ts'
import { tensorSpecs } from '../../../src-main/engine/model/tensor-specs.ts'
import { Stepper } from '../../../src-main/engine/training/stepper.ts'
import { toTrainingState, zeroVelocity } from '../../../src-main/engine/training/training-state.ts'
import { images, imageShape, labels } from './made-up.ts'
import { learningRate, objective, settings, sgd } from './side.ts'

/** The trainer's own stepper on the file's network; `step` gives milliseconds, and the losses come one step later. */
export async function startTraining(backend: Backend) {
  const { network, weights } = await openNetwork(settings.weights)
  const specs = tensorSpecs(network)
  const state = toTrainingState(backend, specs, { weights, velocity: zeroVelocity(specs) })
  const stepper = new Stepper(backend, network, objective, sgd, state)
  const { batch } = settings
  const [pixels, targets] = [images(batch), labels(batch)]
  const losses: number[] = []
  const read = async () => {
    const metrics = await stepper.readMetrics()
    if (metrics) losses.push(metrics.total)
  }
  const step = async (): Promise<number> => {
    const started = performance.now()
    // A batch has memory of its own, as the trainer's has.
    const inputs = { images: pixels.slice(), labels: targets.slice(), count: batch, shape: imageShape }
    await stepper.take(inputs, learningRate, read)
    return performance.now() - started
  }
  return { network, stepper, step, read, losses }
}
