import type { LiveHistory } from '../../../src-shared/jobs.ts'
import { roundsOf, totalEpochs } from '../../../src-shared/run-config.ts'
import { mergeSteps, thinSteps } from '../../../src-shared/live-history.ts'
import type { EpochRecord, StepRecord } from '../../../src-shared/reports.ts'
import { describeNetwork } from '../model/layer.ts'
import type { History } from '../runs/history.ts'
import { networkOf, type Manifest } from '../runs/manifest.ts'

type Header = LiveHistory['header']

/** What is known of a run beside its records. */
export function liveHeader(run: string, manifest: Manifest, stepsPerEpoch: number): Header {
  const { config } = manifest
  const network = networkOf(manifest)
  return {
    run,
    method: config.method,
    exits: network.exits.map(({ exit }) => exit),
    weights: config.distillation,
    epochs: totalEpochs(config),
    ...(roundsOf(config) > 1 && { epochsPerRound: config.epochs }),
    stepsPerEpoch,
    network: describeNetwork(network)
  }
}

/**
 * A run's records while it trains: gathered into one point each time that `take` is called, and kept, in at most some
 * 2,000 points, for whoever asks for all of them.
 */
export class LiveRecorder {
  private points: readonly StepRecord[]
  private readonly epochs: EpochRecord[]
  private waitingSteps: StepRecord[] = []
  private waitingEpochs: EpochRecord[] = []

  constructor(
    private readonly header: Header,
    earlier: History
  ) {
    this.points = thinSteps(earlier.steps)
    this.epochs = [...earlier.epochs]
  }

  addStep(step: StepRecord): void {
    this.waitingSteps.push(step)
  }

  addEpoch(epoch: EpochRecord): void {
    this.waitingEpochs.push(epoch)
  }

  /** What came since the last time, steps as one point; null where nothing did. */
  take(): LiveHistory | null {
    const { waitingSteps, waitingEpochs, header } = this
    if (!waitingSteps.length && !waitingEpochs.length) return null
    const steps = waitingSteps.length ? [mergeSteps(waitingSteps, this.points.at(-1)?.step ?? 0)] : []
    this.points = thinSteps([...this.points, ...steps])
    this.epochs.push(...waitingEpochs)
    this.waitingSteps = []
    this.waitingEpochs = []
    return { isStart: false, header, steps, epochs: waitingEpochs }
  }

  /** Everything up to the last `take`. */
  all(): LiveHistory {
    return { isStart: true, header: this.header, steps: [...this.points], epochs: [...this.epochs] }
  }
}
