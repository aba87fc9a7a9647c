import type { RunConfig } from '../../../src-shared/run-config.ts'

/**
 * Learning rate of a step (0-based, of stepsPerEpoch x epochs): constant; multiplied by factor after each milestone
 * epoch; or cosine to zero over the run, (1 + cos(pi step / steps)) / 2 (Loshchilov and Hutter 2017).
 */
export function learningRateAt(
  config: Pick<RunConfig, 'learningRate' | 'schedule' | 'epochs'>,
  step: number,
  stepsPerEpoch: number
): number {
  const { learningRate, schedule, epochs } = config
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
