import type { RunConfig } from '../../../src-shared/run-config.ts'

/**
 * Learning rate of a step (0-based, of stepsPerEpoch x epochs): constant; multiplied by factor after each milestone
 * epoch; or cosine to zero over the run, (1 + cos(pi step / steps)) / 2 (Loshchilov and Hutter 2017). During the warm-up
 * all of it times a factor that rises evenly to 1 (Goyal et al. 2017, section 2.2).
 */
export function learningRateAt(
  config: Pick<RunConfig, 'learningRate' | 'schedule' | 'epochs' | 'warmupEpochs'>,
  step: number,
  stepsPerEpoch: number
): number {
  const { schedule, epochs, warmupEpochs = 0 } = config
  const warmup = warmupEpochs * stepsPerEpoch
  // The first step already moves: (step + 1) of so many.
  const learningRate = config.learningRate * (step < warmup ? (step + 1) / warmup : 1)
  switch (schedule.kind) {
    case 'constant':
      return learningRate
    case 'cosine':
      return (learningRate * (1 + Math.cos((Math.PI * step) / (stepsPerEpoch * epochs)))) / 2
    case 'step': {
      const epochsDone = step / stepsPerEpoch
      const passed = schedule.milestones.filter((milestone) => epochsDone >= milestone).length
      return learningRate * schedule.factor ** passed
    }
  }
}
