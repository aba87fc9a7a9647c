import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { doctor } from '../../../src-main/engine/backend/doctor.ts'
import { brokerHost } from '../../../src-main/engine/jobs/broker-host.ts'
import { LiveRecorder } from '../../../src-main/engine/jobs/live-recorder.ts'
import { Pace } from '../../../src-main/engine/jobs/pace.ts'
import { chooseRunFolder, slugOf } from '../../../src-main/engine/jobs/run-names.ts'
import { checkSpecPaths } from '../../../src-main/engine/jobs/spec-paths.ts'
import { tryBackendIn } from '../../../src-main/engine/jobs/try-backends.ts'
import { lockRunPatiently, RunInUseError } from '../../../src-main/engine/runs/run-lock.ts'
import { CancelledError } from '../../../src-shared/errors.ts'
import type { ParentPort } from '../../../src-main/engine/host/parent-port.ts'
import type { PortLike } from '../../../src-shared/transports.ts'
import { temporaryFolder } from '../training/small-run.ts'
import { fakeHost } from './fake-host.ts'
import { evaluation, probing, training, until } from './jobs-world.ts'
import { liveOf, stepRecord } from './records.ts'

describe('the name of a run’s folder', () => {
  test.each([
    ['Noisy labels, 40 %', 'noisy-labels-40'],
    ['  Über-Größe  ', 'uber-große'],
    ['../../etc/passwd', 'etc-passwd'],
    ['.hidden', 'hidden'],
    ['...', 'run'],
    ['', 'run'],
    ['???', 'run'],
    ['CON', 'run-con'],
    ['実験 1', '実験-1'],
    ['a\u0000b', 'a-b']
  ])('%j is %j', (name, slug) => {
    expect(slugOf(name)).toBe(slug)
  })

  test('is one folder below the runs, whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 120 }), (name) => {
        const slug = slugOf(name)
        expect(slug).not.toMatch(/[/\\:*?"<>|\u0000-\u001f]|^\.|[.-]$/)
        expect(Buffer.byteLength(slug)).toBeGreaterThan(0)
        expect(Buffer.byteLength(`${slug}-12345`)).toBeLessThan(255)
      })
    )
  })

  test('gets a number where it is taken, on the disk or by a job', async () => {
    const runs = temporaryFolder()
    mkdirSync(join(runs, 'noisy'))
    const isTaken = (folder: string) => folder === join(runs, 'noisy-2')
    expect(await chooseRunFolder(runs, 'Noisy', isTaken)).toBe(join(runs, 'noisy-3'))
  })
})

describe('the paths of a job', () => {
  const roots = { check: async (path: string) => `/real${path}`, checkDataset: async (name: string) => `set ${name}` }

  test('are those that the roots give', async () => {
    expect(await checkSpecPaths(evaluation, roots)).toMatchObject({
      path: '/real/samples/noisy-baseline-0.safetensors',
      data: { name: 'set fashion-mnist' }
    })
    expect(await checkSpecPaths({ kind: 'resume', run: '/run' }, roots)).toEqual({ kind: 'resume', run: '/real/run' })
    expect(await checkSpecPaths(training(), roots)).toMatchObject({ config: { data: { name: 'set fashion-mnist' } } })
    const arrays = {
      kind: 'arrays' as const,
      imagesPath: '/x.f32',
      shape: [1, 8, 8, 1] as [number, number, number, number],
      labels: null
    }
    const spec = {
      ...probing,
      request: { ...(probing as { request: object }).request, checkpoints: [{ path: '/a', name: 'A' }], data: arrays }
    }
    expect(await checkSpecPaths(spec as typeof probing, roots)).toMatchObject({
      request: { checkpoints: [{ path: '/real/a', name: 'A' }], data: { imagesPath: '/real/x.f32' }, draws: 5 }
    })
    const history = { kind: 'probe' as const, probe: 'history' as const, request: { checkpoints: [{ path: '/a' }] } }
    expect(await checkSpecPaths(history, roots)).toEqual({
      ...history,
      request: { checkpoints: [{ path: '/real/a' }] }
    })
  })
})

describe('the lock of a run', () => {
  const lock = (folder: string, pid = process.ppid) =>
    writeFileSync(join(folder, 'lock.json'), JSON.stringify({ pid, host: hostname() }))

  test('is waited for where its holder is about to leave', async () => {
    const folder = temporaryFolder()
    lock(folder)
    const locked = lockRunPatiently(folder, 60_000)
    setTimeout(() => rmSync(join(folder, 'lock.json')), 150)
    const unlock = await locked
    expect(JSON.parse(readFileSync(join(folder, 'lock.json'), 'utf8'))).toMatchObject({ pid: process.pid })
    await unlock()
  })

  test('is waited for only so long, and not after a cancel', async () => {
    const folder = temporaryFolder()
    lock(folder)
    await expect(lockRunPatiently(folder, 0)).rejects.toThrow(RunInUseError)
    await expect(lockRunPatiently(folder, 60_000, AbortSignal.abort())).rejects.toThrow(CancelledError)
  })
})

describe('Pace', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
  afterEach(() => void vi.useRealTimers())

  test('acts at once, then at most once in its time, and never later', () => {
    let acts = 0
    const pace = new Pace(1000, () => void (acts += 1))
    pace.ask()
    expect(acts).toBe(1)
    for (let time = 0; time < 50; time++) {
      pace.ask()
      vi.advanceTimersByTime(10)
    }
    expect(acts).toBe(1)
    vi.advanceTimersByTime(500)
    expect(acts).toBe(2)
    vi.advanceTimersByTime(5000)
    expect(acts).toBe(2)
    pace.ask()
    expect(acts).toBe(3)
  })

  test('does what is due at its end, and nothing after it', () => {
    let acts = 0
    const pace = new Pace(1000, () => void (acts += 1))
    pace.ask()
    pace.ask()
    pace.end()
    expect(acts).toBe(2)
    pace.ask()
    vi.advanceTimersByTime(5000)
    expect(acts).toBe(2)
  })
})

describe('LiveRecorder', () => {
  const { header } = liveOf([])

  test('gathers steps into one point, and keeps what came before for latecomers', () => {
    const recorder = new LiveRecorder(header, { steps: [stepRecord(1), stepRecord(2)], epochs: [] })
    expect(recorder.take()).toBeNull()
    for (const step of [3, 4, 5]) recorder.addStep(stepRecord(step))
    expect(recorder.take()).toMatchObject({ isStart: false, steps: [{ step: 5, total: 4 }], epochs: [] })
    expect(recorder.all()).toMatchObject({ isStart: true, steps: [{ step: 1 }, { step: 2 }, { step: 5, total: 4 }] })
    expect(recorder.take()).toBeNull()
  })

  test('weighs a first point right where a run goes on', () => {
    const recorder = new LiveRecorder(header, {
      steps: Array.from({ length: 10 }, (_, k) => stepRecord(k + 1)),
      epochs: []
    })
    recorder.addStep(stepRecord(11, { total: 0 }))
    recorder.addStep(stepRecord(12, { total: 1 }))
    expect(recorder.take()!.steps[0]!.total).toBe(0.5)
  })
})

test('backends are tried in processes of their own, which end, and one that crashes says so', async () => {
  const host = fakeHost()
  const { backends, chosen } = await doctor(tryBackendIn(host))
  expect(chosen).toBe('wasm')
  expect(backends.map(({ name, available }) => [name, available])).toEqual([
    ['native', false],
    ['webgpu', false],
    ['wasm', true],
    ['cpu', false]
  ])
  expect(backends[1]!.reason).toBe('It crashes here: its process was ended by SIGSEGV.')
  expect(host.processes.map(({ asked }) => asked)).toEqual([['try native'], ['try webgpu'], ['try wasm'], ['try cpu']])
  await until(() => host.processes.every(({ isAlive }) => !isAlive))
})

describe('job processes through Electron’s main process', () => {
  /** A parent port whose messages the test sends, and one end of a connection. */
  function world() {
    const said: unknown[] = []
    let listener: (event: { data: unknown; ports: PortLike[] }) => void = () => undefined
    const parent: ParentPort = {
      postMessage: (message) => void said.push(message),
      on: (_, given) => void (listener = given)
    }
    const posted: unknown[] = []
    let hear: (event: { data: unknown }) => void = () => undefined
    const port: PortLike = {
      postMessage: (message) => void posted.push(message),
      on: (type, given) => void (type === 'message' && (hear = given))
    }
    const host = brokerHost(parent)
    const say = (data: unknown, ports: PortLike[] = []) => listener({ data, ports })
    return { host, said, say, port, posted, hear: (data: unknown) => hear({ data }) }
  }

  test('are asked for, get what was said before they were there, and end with a clause', () => {
    const { host, said, say, port, posted, hear } = world()
    const process = host.start()
    const { id } = said[0] as { id: string }
    expect(said).toEqual([{ type: 'fork-job', id }])
    const message = { type: 'cancel' as const, id: 1 }
    process.post(message)
    expect(posted).toEqual([])
    say({ type: 'job-port', id: 'another' }, [port])
    expect(posted).toEqual([])
    say({ type: 'job-port', id }, [port])
    process.post({ ...message, id: 2 })
    expect(posted).toEqual([message, { ...message, id: 2 }])
    const heard: unknown[] = []
    process.onMessage((data) => void heard.push(data))
    hear('news')
    expect(heard).toEqual(['news'])
    process.kill()
    expect(said.at(-1)).toEqual({ type: 'kill-job', id })
    const reasons: string[] = []
    process.onClose((reason) => void reasons.push(reason))
    say({ type: 'job-exit', id, code: 9 })
    process.onClose((reason) => void reasons.push(reason))
    expect(reasons).toEqual(Array(2).fill('its process ended with status 9'))
  })

  test('are not disturbed by anything else that main says', () => {
    const { host, said, say, port } = world()
    host.start()
    const { id } = said[0] as { id: string }
    for (const data of [null, 'x', {}, { type: 'port' }, { type: 'job-port', id }, { type: 'job-exit', id: 3 }])
      say(data)
    say({ type: 'job-exit', id: 'unknown', code: 1 })
    say({ type: 'job-port', id: 'unknown' }, [port])
    expect(said).toHaveLength(1)
  })
})
