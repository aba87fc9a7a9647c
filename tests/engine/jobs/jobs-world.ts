import { realpathSync } from 'node:fs'
import { onTestFinished } from 'vitest'
import { Jobs, type JobsOptions } from '../../../src-main/engine/jobs/jobs.ts'
import type { Job, JobEvent, JobSpec } from '../../../src-shared/jobs.ts'
import type { AnyReport } from '../../../src-shared/reports.ts'
import { makeFlatness } from '../../figures/fixture-reports.ts'
import { smallConfig, temporaryFolder } from '../training/small-run.ts'
import { fakeHost } from './fake-host.ts'

export const training = (name = 'noisy'): JobSpec => ({ kind: 'train', name, config: smallConfig() })
export const evaluation: JobSpec = {
  kind: 'evaluate',
  path: '/samples/noisy-baseline-0.safetensors',
  data: { kind: 'dataset', name: 'fashion-mnist', split: 'test', limit: 100 },
  seed: 0
}
export const report = makeFlatness() as AnyReport & { kind: 'flatness' }
export const probing: JobSpec = { kind: 'probe', probe: 'flatness', request: report.request }

/** A lab's folder of its own, as the disk has it. */
export const newHome = (): string => realpathSync(temporaryFolder())

/** Jobs on fake processes in a folder of their own, with what they store and warn of. */
export async function openWorld(changes: Partial<JobsOptions> = {}) {
  const home = changes.home ?? newHome()
  const host = fakeHost()
  const stored: AnyReport[] = []
  const evaluated: string[] = []
  const warnings: string[] = []
  const jobs = await Jobs.open({
    home,
    host,
    roots: { check: async (path) => path, checkDataset: async (name) => name },
    results: { store: async (value) => void stored.push(value) },
    evaluations: { store: async (path) => void evaluated.push(path) },
    warn: (sentence) => void warnings.push(sentence),
    killAfterMs: 50,
    ...changes
  })
  onTestFinished(() => jobs.close(0))
  const stateOf = (id: string) => jobs.list().find((job) => job.id === id)!
  return { home, host, jobs, stored, evaluated, warnings, stateOf }
}

/** Waits until a condition holds; fails after half a minute. */
export async function until(holds: () => unknown, what = 'that'): Promise<void> {
  const end = Date.now() + 30_000
  while (!holds()) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Follows a job and keeps what is told. */
export function follow(jobs: Jobs, id: string) {
  const events: JobEvent[] = []
  const controller = new AbortController()
  const ended: Promise<Job> = jobs.follow(id, (event) => void events.push(structuredClone(event)), controller.signal)
  ended.catch(() => undefined)
  onTestFinished(() => controller.abort())
  return { events, ended, stop: () => controller.abort() }
}
