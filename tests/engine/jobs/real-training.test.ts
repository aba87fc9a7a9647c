import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBackend } from '../../../src-main/engine/backend/choose.ts'
import { readHistory } from '../../../src-main/engine/runs/history.ts'
import { latestCheckpoint } from '../../../src-main/engine/runs/run-folder.ts'
import { train } from '../../../src-main/engine/training/train.ts'
import type { JobEvent, JobSpec } from '../../../src-shared/jobs.ts'
import { writeSmallDataset } from '../../cli/built-cli.ts'
import { ensureBuilt } from '../../helpers/built.ts'
import { smallConfig, temporaryFolder } from '../training/small-run.ts'
import { followOver, jobPids, startLab } from './built-lab.ts'
import { until } from './jobs-world.ts'

const folder = mkdtempSync(join(tmpdir(), 'autodidact-jobs-'))
let spec: JobSpec & { kind: 'train' }
/** Weights of a training that nothing interrupts. */
let expected: string

beforeAll(async () => {
  await ensureBuilt('node')
  const name = await writeSmallDataset(join(folder, 'data'), { train: 160, test: 40 })
  const data = { name, limit: null, labelNoise: 0.2, validation: 0.1 }
  spec = { kind: 'train', name: 'small', config: smallConfig({ data, epochs: 8, batchSize: 32 }) }
  const run = join(folder, 'undisturbed')
  await train(await openBackend(), { out: run, config: spec.config })
  expected = await hashOf(run)
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const newHome = () => join(realpathSync(temporaryFolder()), 'lab')

const hashOf = async (run: string) =>
  createHash('sha256')
    .update(readFileSync(join(await latestCheckpoint(run), 'weights.safetensors')))
    .digest('hex')

/** Epochs that a run's newest checkpoint has behind it; 0 before there is one. */
function epochsDone(run: string): number {
  const folder = join(run, 'checkpoints')
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^\d+-\d+$/.test(name)) : []
  return Math.max(0, ...names.map((name) => Number(name.split('-')[1])))
}

/** The process that trains a run. */
const trainerOf = (run: string): number =>
  (JSON.parse(readFileSync(join(run, 'lock.json'), 'utf8')) as { pid: number }).pid

const lastStep = (events: JobEvent[]) =>
  events.findLast(({ live }) => live?.steps.length)?.live?.steps.at(-1)?.step ?? 0
const knows = (events: JobEvent[], step: number) => () => lastStep(events) >= step

test('a training is followed while it runs, paused, gone on with, and ends as one that was not disturbed', async () => {
  const home = newHome()
  const { lab, open } = await startLab({ home })
  const job = await lab.startJob({ spec })
  expect(job).toMatchObject({ title: 'Train small', run: join(home, 'runs', 'small') })
  const { events, ended } = followOver(lab, job.id)
  await until(knows(events, 1), 'the first step')
  const { header } = events.find(({ live }) => live?.isStart)!.live!
  expect(header).toMatchObject({ run: job.run, exits: [1, 2, 3, 4], epochs: 8, stepsPerEpoch: 5 })
  expect(events.some((event) => /^Training, epoch \d+ of 8$/.test(event.job.progress.message))).toBe(true)

  // A second window, on a connection of its own, learns what it has missed.
  const late = followOver(open(), job.id)
  expect(await lab.pauseJob({ id: job.id })).toMatchObject({ state: 'paused', error: null })
  const { steps } = await readHistory(job.run!)
  expect(steps.length).toBeGreaterThan(0)
  expect(steps.length).toBeLessThan(40)
  // All that was recorded has been told, too.
  await until(() => lastStep(events) === steps.length)
  await until(() => lastStep(late.events) === steps.length)
  expect(late.events.find(({ live }) => live)!.live).toMatchObject({ isStart: true, steps: { 0: { step: 1 } } })
  await lab.resumeJob({ id: job.id })
  expect((await ended).state).toBe('done')
  expect((await late.ended).state).toBe('done')
  expect(lastStep(late.events)).toBe(40)
  const second = events.filter(({ live }) => live?.isStart).at(-1)!.live!
  expect(second.steps.at(-1)!.step).toBe(steps.length)
  expect(lastStep(events)).toBe(40)
  expect(events.flatMap(({ live }) => live?.epochs ?? []).at(-1)!.epoch).toBe(8)
  expect(existsSync(join(job.run!, 'lock.json'))).toBe(false)
  expect(await hashOf(job.run!)).toBe(expected)
  expect(await lab.jobs({})).toMatchObject([{ id: job.id, state: 'done', attempts: 1 }])
}, 120_000)

describe.skipIf(process.platform !== 'linux')('killed in the middle of a training', () => {
  test('the job process is replaced, and the weights come out the same', async () => {
    const home = newHome()
    const { lab } = await startLab({ home })
    const job = await lab.startJob({ spec })
    const { events, ended } = followOver(lab, job.id)
    await until(() => epochsDone(job.run!) >= 1, 'the second epoch')
    process.kill(trainerOf(job.run!), 'SIGKILL')
    expect(await ended).toMatchObject({ state: 'done', attempts: 2 })
    const messages = events.map((event) => event.job.progress.message)
    expect(messages).toContain('Going on from the last checkpoint: its process was ended by SIGKILL')
    expect(await hashOf(job.run!)).toBe(expected)
  }, 120_000)

  test('the engine process: its jobs save, and go on when the next one starts', async () => {
    const home = newHome()
    const first = await startLab({ home })
    const job = await first.lab.startJob({ spec })
    const { ended } = followOver(first.lab, job.id)
    await until(() => epochsDone(job.run!) >= 1, 'the second epoch')
    const orphans = jobPids(first.child)
    first.child.kill('SIGKILL')
    await expect(ended).rejects.toThrow('The engine process has ended.')
    const second = await startLab({ home })
    expect(await second.lab.jobs({})).toMatchObject([{ id: job.id, attempts: 2 }])
    expect(await second.lab.followJob({ id: job.id })).toMatchObject({ state: 'done', attempts: 2 })
    expect(await hashOf(job.run!)).toBe(expected)
    await until(() => orphans.every((pid) => !existsSync(`/proc/${pid}`)), 'the end of the first ones')
    expect(second.said()).toBe('')
  }, 120_000)
})

test('the lab’s end pauses a training, which goes on at the next start as if it had been waiting', async () => {
  const home = newHome()
  const first = await startLab({ home })
  const job = await first.lab.startJob({ spec })
  await until(() => epochsDone(job.run!) >= 1, 'the second epoch')
  first.child.kill('SIGTERM')
  expect(await first.ended).toBe(0)
  const { jobs } = JSON.parse(readFileSync(join(home, 'jobs.json'), 'utf8'))
  expect(jobs).toMatchObject([{ id: job.id, state: 'waiting', attempts: 0 }])
  const { steps } = await readHistory(job.run!)
  expect(steps.length).toBeGreaterThanOrEqual(5)
  const second = await startLab({ home })
  expect(await second.lab.followJob({ id: job.id })).toMatchObject({ state: 'done', attempts: 1 })
  expect(await hashOf(job.run!)).toBe(expected)
}, 120_000)

test.skipIf(process.platform === 'win32')(
  'a run that another process trains fails with the sentence of its lock',
  async () => {
    const first = await startLab({ home: newHome() })
    const job = await first.lab.startJob({ spec })
    await until(() => epochsDone(job.run!) >= 1, 'the second epoch')
    const pid = trainerOf(job.run!)
    process.kill(pid, 'SIGSTOP')
    const other = await startLab({ home: newHome() })
    const resumed = await other.lab.startJob({ spec: { kind: 'resume', run: job.run! } })
    expect(resumed.title).toBe('Go on training small')
    const ended = await other.lab.followJob({ id: resumed.id })
    process.kill(pid, 'SIGCONT')
    expect(ended).toMatchObject({
      state: 'failed',
      error: `The run ${job.run} is in use by the process ${pid}; wait for it, or stop it.`
    })
    expect(await first.lab.followJob({ id: job.id })).toMatchObject({ state: 'done' })
    // Now that it is free and at its end, there is nothing left to do.
    const again = await other.lab.startJob({ spec: { kind: 'resume', run: job.run! } })
    expect(await other.lab.followJob({ id: again.id })).toMatchObject({ state: 'done' })
    expect(await hashOf(job.run!)).toBe(expected)
  },
  120_000
)

test.skipIf(process.platform !== 'linux')(
  'a full disk fails the job with a sentence, and the run goes on later',
  async () => {
    const home = newHome()
    // No file may grow beyond 20 KB: as a disk that is full when the first checkpoint is written.
    const through = (command: string[]) => ['bash', '-c', `trap '' XFSZ; ulimit -f 20; exec "$@"`, 'bash', ...command]
    const cramped = await startLab({ home, through })
    const job = await cramped.lab.startJob({ spec })
    const ended = await cramped.lab.followJob({ id: job.id })
    expect(ended).toMatchObject({ state: 'failed', attempts: 1 })
    expect(ended.error).toMatch(/small\/.* is larger than its disk allows\.$/)
    cramped.child.kill('SIGTERM')
    await cramped.ended
    const { lab } = await startLab({ home })
    const again = await lab.startJob({ spec: { kind: 'resume', run: job.run! } })
    expect(await lab.followJob({ id: again.id })).toMatchObject({ state: 'done' })
    expect(await hashOf(job.run!)).toBe(expected)
  },
  120_000
)
