import { formatSeconds } from '../../src-shared/format-seconds.ts'
import { isActive, type Job, type LiveHistory } from '../../src-shared/jobs.ts'
import { totalEpochs, type RunConfig } from '../../src-shared/run-config.ts'
import { mean } from '../../src-shared/science/statistics.ts'
import { nameOfRun } from './runs.ts'

type Decisive = Pick<RunConfig, 'network' | 'method' | 'samRadius' | 'precision'>

/** How fast a run was that trained a network in some way. */
export type Speed = {
  run: string
  config: Decisive
  /** Images a second, while training. */
  imagesPerSecond: number
  /** Multiply-adds of training on one image; NaN where the engine can't say. */
  multiplyAddsPerImage: number
}

/** Testing an image takes about a third of training on it: there is no way back through the network. */
const testShare = 1 / 3
const mostJobs = 8
/** Records of longer runs take too long to read, only to know how fast they were. */
const mostSteps = 30_000
const mostImages = 60_000
/** The first steps are slow: a run of fewer tells nothing of a longer one. */
const fewestSteps = 30

/** Jobs whose records tell how fast they were: of every network and method the newest. */
export function tellingJobs(jobs: readonly Job[]): Job[] {
  const byKind = new Map<string, Job>()
  for (const job of jobs) {
    if (job.spec.kind !== 'train' || isActive(job) || job.state === 'failed' || job.startedAt === null) continue
    const { epochs, batchSize, data } = job.spec.config
    const kind = kindOf(job.spec.config)
    if ((epochs * (data.limit ?? mostImages)) / batchSize <= mostSteps && !byKind.has(kind)) byKind.set(kind, job)
  }
  return [...byKind.values()].slice(0, mostJobs)
}

/** Runs of one kind are equally fast. */
const kindOf = ({ network, method, samRadius, precision = 'float32' }: Decisive): string =>
  JSON.stringify([Object.entries(network).sort(([a], [b]) => (a < b ? -1 : 1)), method, !!samRadius, precision])

/** A run's mean speed from its records; null where it has none. */
export function speedOf(job: Job, { header, steps, epochs }: LiveHistory, multiplyAddsPerImage: number): Speed | null {
  if (job.spec.kind !== 'train' || job.run === null) return null
  if ((steps.at(-1)?.step ?? header.stepsPerEpoch * epochs.length) < fewestSteps) return null
  const speeds = (epochs.length > 0 ? epochs : steps)
    .map(({ imagesPerSecond }) => imagesPerSecond)
    .filter((speed) => Number.isFinite(speed) && speed > 0)
  if (speeds.length === 0) return null
  // Time adds up, not speed.
  const imagesPerSecond = 1 / mean(speeds.map((speed) => 1 / speed))
  return { run: nameOfRun(job.run), config: job.spec.config, imagesPerSecond, multiplyAddsPerImage }
}

/** What a run will take, by the speed of which run; `isAlike` where that one trained the same network in the same way. */
export type Estimate = { seconds: number; secondsPerEpoch: number; run: string; isAlike: boolean }

/**
 * What a run will take by the speed of the first that trained the same network in the same way; else by the multiply-adds
 * a second of the one whose images cost most nearly as much. null while no run has been timed.
 */
export function estimate(
  config: RunConfig,
  { trainCount, testCount }: { trainCount: number; testCount: number },
  speeds: readonly Speed[],
  epochMultiplyAdds = NaN
): Estimate | null {
  const { data } = config
  const images = data.limit ?? trainCount
  const held = images * data.validation
  const trained = Math.max(1, images - held)
  const perImage = epochMultiplyAdds / trained
  const alike = speeds.find((speed) => kindOf(speed.config) === kindOf(config))
  const judge = alike ?? nearest(speeds, perImage)
  if (!judge) return null
  const imagesPerSecond = judge.imagesPerSecond * (alike ? 1 : judge.multiplyAddsPerImage / perImage)
  const secondsPerEpoch = (trained + testShare * (testCount + held)) / imagesPerSecond
  return { seconds: totalEpochs(config) * secondsPerEpoch, secondsPerEpoch, run: judge.run, isAlike: !!alike }
}

function nearest(speeds: readonly Speed[], perImage: number): Speed | undefined {
  const distance = ({ multiplyAddsPerImage }: Speed) => Math.abs(Math.log(multiplyAddsPerImage / perImage))
  return speeds.filter((speed) => Number.isFinite(distance(speed))).sort((a, b) => distance(a) - distance(b))[0]
}

/** A guess in words, no finer than it can be: `about 40 s`, `about 3 min`, `about 2 h 10 min`. */
export function roundSeconds(seconds: number): string {
  const grain = seconds < 60 ? 10 : seconds < 3600 ? 60 : 600
  const text = formatSeconds(Math.max(grain, Math.round(seconds / grain) * grain))
  return text && `about ${text.replace(/ 0 (s|min)$/, '')}`
}
