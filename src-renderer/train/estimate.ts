import { formatSeconds } from '../../src-shared/format-seconds.ts'
import { isActive, type Job, type LiveHistory } from '../../src-shared/jobs.ts'
import type { RunConfig } from '../../src-shared/run-config.ts'
import { mean } from '../../src-shared/science/statistics.ts'
import { nameOfRun } from './runs.ts'

/** How fast a run was that trained a network in some way. */
export type Speed = {
  run: string
  network: RunConfig['network']
  method: RunConfig['method']
  /** Images a second, while training. */
  imagesPerSecond: number
  /** Images that are tested after every epoch. */
  testCount: number
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
    const { network, method, epochs, batchSize, data } = job.spec.config
    const kind = JSON.stringify([network, method])
    if ((epochs * (data.limit ?? mostImages)) / batchSize <= mostSteps && !byKind.has(kind)) byKind.set(kind, job)
  }
  return [...byKind.values()].slice(0, mostJobs)
}

/** A run's mean speed from its records; null where it has none. */
export function speedOf(job: Job, { header, steps, epochs }: LiveHistory, testCount: number): Speed | null {
  if (job.spec.kind !== 'train' || job.run === null) return null
  if ((steps.at(-1)?.step ?? header.stepsPerEpoch * epochs.length) < fewestSteps) return null
  const { network, method } = job.spec.config
  const speeds = (epochs.length > 0 ? epochs : steps)
    .map(({ imagesPerSecond }) => imagesPerSecond)
    .filter((speed) => Number.isFinite(speed) && speed > 0)
  if (speeds.length === 0) return null
  // Time adds up, not speed.
  const imagesPerSecond = 1 / mean(speeds.map((speed) => 1 / speed))
  return { run: nameOfRun(job.run), network, method, imagesPerSecond, testCount }
}

/** What a run will take by the speed of the first that trained the same network in the same way; null where none did. */
export function estimate(
  { network, method, epochs, data }: RunConfig,
  trainCount: number,
  speeds: readonly Speed[]
): { seconds: number; run: string } | null {
  const like = speeds.find(
    (speed) => speed.network.name === network.name && speed.network.width === network.width && speed.method === method
  )
  if (!like) return null
  const images = data.limit ?? trainCount
  const held = images * data.validation
  const perEpoch = images - held + testShare * (like.testCount + held)
  return { seconds: (epochs * perEpoch) / like.imagesPerSecond, run: like.run }
}

/** A guess in words, no finer than it can be: `about 40 s`, `about 3 min`, `about 2 h 10 min`. */
export function roundSeconds(seconds: number): string {
  const grain = seconds < 60 ? 10 : seconds < 3600 ? 60 : 600
  const text = formatSeconds(Math.max(grain, Math.round(seconds / grain) * grain))
  return text && `about ${text.replace(/ 0 (s|min)$/, '')}`
}
