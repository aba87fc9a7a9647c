import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { packageRoot } from '../../../src-main/package-root.ts'
import type { JobSpec } from '../../../src-shared/jobs.ts'
import type { ProbeRequest } from '../../../src-shared/reports.ts'
import { ensureBuilt } from '../../helpers/built.ts'
import { temporaryFolder } from '../training/small-run.ts'
import { busiestPid, followOver, jobPids, startLab } from './built-lab.ts'
import { until } from './jobs-world.ts'

beforeAll(() => ensureBuilt('node'), 120_000)

const sample = (name: string) => join(packageRoot, 'resources', 'samples', `${name}.safetensors`)
const onImages = (limit: number) => ({
  checkpoints: [{ path: sample('noisy-self-distillation-0') }],
  data: { kind: 'dataset' as const, name: 'fashion-mnist', split: 'test' as const, limit },
  seed: 0
})
const embedding: ProbeRequest<'embedding'> = {
  ...onImages(200),
  method: 'umap',
  dims: 2,
  neighbors: 15,
  minDist: 0.1
}
/** Of minutes, so that whatever happens to it happens in its middle. */
const flatness: ProbeRequest<'flatness'> = {
  ...onImages(300),
  sigmas: 'auto',
  draws: 100,
  protocols: ['b'],
  split: 'test'
}
const long: JobSpec = { kind: 'probe', probe: 'flatness', request: flatness }

test('a probe tells a coarse report, then the one asked for, and its result is stored', async () => {
  const { lab } = await startLab({ home: temporaryFolder() })
  const job = await lab.startJob({ spec: { kind: 'probe', probe: 'embedding', request: embedding } })
  const { events, ended } = followOver(lab, job.id)
  expect(await ended).toMatchObject({ state: 'done', title: 'Embedding of noisy-self-distillation-0' })
  const methods = events.flatMap(({ report }) => (report?.kind === 'embedding' ? [report.request.method] : []))
  expect(methods).toEqual(['pca', 'umap'])
  const fractions = events.map((event) => event.job.progress.fraction)
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b))
  const { checkpoints, ...settings } = embedding
  const found = await lab.findResult({ kind: 'embedding', checkpoints, settings })
  expect(found).toMatchObject({ missing: [], isStale: false, report: { request: { method: 'umap' } } })
})

test('an accuracy is kept with its checkpoint', async () => {
  const { lab } = await startLab({ home: temporaryFolder() })
  const path = sample('clean-baseline-0')
  const job = await lab.startJob({ spec: { kind: 'evaluate', path, data: onImages(100).data, seed: 0 } })
  expect(await lab.followJob({ id: job.id })).toMatchObject({ state: 'done' })
})

test('a cancelled probe leaves its lane to the next one within moments', async () => {
  const { lab } = await startLab({ home: temporaryFolder() })
  const job = await lab.startJob({ spec: long })
  const { events, ended } = followOver(lab, job.id)
  await until(() => events.some(({ report }) => report), 'the first look')
  expect((await lab.cancelJob({ id: job.id })).state).toBe('cancelled')
  expect((await ended).state).toBe('cancelled')
  const next = await lab.startJob({ spec: { kind: 'probe', probe: 'embedding', request: embedding } })
  expect((await lab.followJob({ id: next.id })).state).toBe('done')
})

test('the backends are found out in processes that are thrown away', async () => {
  const { lab } = await startLab({ home: temporaryFolder() })
  const { chosen, backends } = await lab.doctor({})
  expect(backends.find(({ name }) => name === 'cpu')).toMatchObject({ available: true })
  expect(backends.find(({ name }) => name === chosen)).toMatchObject({ available: true })
})

test('a file that can’t be measured fails with one sentence', async () => {
  const { lab } = await startLab({ home: temporaryFolder() })
  const path = join(packageRoot, 'package.json')
  const request = { ...embedding, checkpoints: [{ path }] }
  const job = await lab.startJob({ spec: { kind: 'probe', probe: 'embedding', request } })
  const ended = await lab.followJob({ id: job.id })
  expect(ended.state).toBe('failed')
  expect(ended.error).toMatch(/package\.json .*\.$/)
  expect(ended.error).not.toContain('unexpected')
})

test('a path outside the roots is refused before it is a job', async () => {
  const { lab } = await startLab({ home: temporaryFolder(), roots: [temporaryFolder()] })
  const request = { ...embedding, checkpoints: [{ path: '/etc/passwd' }] }
  await expect(lab.startJob({ spec: { kind: 'probe', probe: 'embedding', request } })).rejects.toThrow(
    /^\/etc\/passwd lies outside /
  )
  await expect(lab.inspect({ path: '/etc/passwd' })).rejects.toThrow(/^\/etc\/passwd lies outside /)
  expect(await lab.jobs({})).toEqual([])
})

describe.skipIf(process.platform !== 'linux')('killed in the middle of a probe', () => {
  test('the job process is replaced, and the probe measures once more', async () => {
    const { lab, child } = await startLab({ home: temporaryFolder() })
    const job = await lab.startJob({ spec: long })
    const { events } = followOver(lab, job.id)
    await until(() => events.some(({ report }) => report), 'the first look')
    const pid = busiestPid(child)
    process.kill(pid, 'SIGKILL')
    await until(() => events.at(-1)?.job.attempts === 2, 'the second attempt')
    await until(() => events.filter(({ report }) => report).length === 2, 'its first look')
    const messages = events.map((event) => event.job.progress.message)
    expect(messages).toContain('Measuring once more: its process was ended by SIGKILL')
    expect(jobPids(child)).not.toContain(pid)
    await lab.cancelJob({ id: job.id })
  })

  test('the engine process: its processes end by themselves, and the next one measures once more', async () => {
    const home = temporaryFolder()
    const first = await startLab({ home })
    const job = await first.lab.startJob({ spec: long })
    const { events } = followOver(first.lab, job.id)
    await until(() => events.some(({ report }) => report), 'the first look')
    const orphans = jobPids(first.child)
    expect(orphans).toHaveLength(2)
    first.child.kill('SIGKILL')
    await until(() => orphans.every((pid) => !existsSync(`/proc/${pid}`)), 'the end of the job processes')
    const second = await startLab({ home })
    const again = followOver(second.lab, job.id)
    await until(() => again.events.some(({ report }) => report), 'the first look')
    expect(again.events[0]!.job).toMatchObject({ state: 'running', attempts: 2 })
    await second.lab.cancelJob({ id: job.id })
  })
})
