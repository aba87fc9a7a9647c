import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mostLivePoints } from '../../../src-shared/live-history.ts'
import { follow, openWorld, probing, training, until } from './jobs-world.ts'
import { liveOf, stepRecord } from './records.ts'

const progress = { fraction: 0.5, secondsLeft: 8, message: 'Training, epoch 1 of 2' }
const stepsOf = (events: { live?: { steps: { step: number }[] } | undefined }[]) =>
  events.flatMap(({ live }) => live?.steps.map(({ step }) => step) ?? [])

describe('following a training', () => {
  test('gives its start, what is new, and its end', async () => {
    const { jobs, host } = await openWorld()
    const { id } = await jobs.start(training())
    const { events, ended } = follow(jobs, id)
    await until(() => host.processes[0]!.tasks.length === 1)
    const given = host.processes[0]!.tasks[0]!
    given.tell({ live: liveOf([1, 2], true) })
    given.tell({ progress, live: liveOf([3]) })
    given.finish({ kind: 'trained' })
    expect((await ended).state).toBe('done')
    const live = events.flatMap((event) => event.live ?? [])
    expect(live.map(({ isStart, steps }) => [isStart, steps.map(({ step }) => step)])).toEqual([
      [true, [1, 2]],
      [false, [3]]
    ])
    expect(events.at(-1)!.job).toMatchObject({ state: 'done', progress: { fraction: 1 } })
  })

  test('asks its process for the records only while somebody follows', async () => {
    const { jobs, host } = await openWorld()
    const { id } = await jobs.start(training())
    await until(() => host.processes[0]!.tasks.length === 1)
    const [process] = host.processes
    expect(process!.tasks[0]!.task.isFollowed).toBe(false)
    const first = follow(jobs, id)
    await until(() => process!.asked.includes('follow true'))
    const second = follow(jobs, id)
    first.stop()
    second.stop()
    await until(() => process!.asked.includes('follow false'))
    expect(process!.asked.filter((word) => word.startsWith('follow'))).toEqual(['follow true', 'follow false'])
    expect((await second.ended).state).toBe('running')
    expect(jobs.list()[0]!.state).toBe('running')
  })

  test('late gives everything at once, to each of two windows the same', async () => {
    const { jobs, host } = await openWorld()
    const { id } = await jobs.start(training())
    const early = follow(jobs, id)
    await until(() => host.processes[0]!.tasks.length === 1)
    const given = host.processes[0]!.tasks[0]!
    given.tell({ live: liveOf([1, 2], true) })
    given.tell({ live: liveOf([3]) })
    await until(() => stepsOf(early.events).includes(3))
    const late = follow(jobs, id)
    expect(late.events[0]!.live).toMatchObject({ isStart: true, steps: [{ step: 1 }, { step: 2 }, { step: 3 }] })
    given.tell({ progress, live: liveOf([4]) })
    await until(() => stepsOf(late.events).includes(4))
    expect(stepsOf(early.events)).toEqual([1, 2, 3, 4])
    expect(stepsOf(late.events)).toEqual([1, 2, 3, 4])
    // Whoever comes when all have gone asks the process again.
    early.stop()
    late.stop()
    await until(() => host.processes[0]!.asked.includes('follow false'))
    const last = follow(jobs, id)
    await until(() => host.processes[0]!.asked.at(-1) === 'follow true')
    given.tell({ live: liveOf([5]) })
    given.tell({ live: liveOf([1, 2, 3, 4, 5], true) })
    await until(() => stepsOf(last.events).length > 0)
    expect(stepsOf(last.events)).toEqual([1, 2, 3, 4, 5])
  })

  test('for ever stays within its points, and both ends know the same', async () => {
    const { jobs, host } = await openWorld()
    const { id } = await jobs.start(training())
    const { events } = follow(jobs, id)
    await until(() => host.processes[0]!.tasks.length === 1)
    const given = host.processes[0]!.tasks[0]!
    given.tell({ live: liveOf([], true) })
    const count = mostLivePoints + 500
    for (let step = 1; step <= count; step++) given.tell({ live: liveOf([step]) })
    await until(() => events.at(-1)?.live?.steps.at(-1)?.step === count)
    let known: number[] = []
    for (const { live } of events) {
      if (live?.isStart) known = []
      known.push(...(live?.steps.map(({ step }) => step) ?? []))
      expect(known.length).toBeLessThanOrEqual(mostLivePoints)
    }
    const late = follow(jobs, id)
    expect(late.events[0]!.live!.steps.map(({ step }) => step)).toEqual(known)
    expect(events.filter(({ live }) => live?.isStart)).toHaveLength(2)
  })

  test('that waits or is paused gives what lies on the disk, and goes over to its process', async () => {
    const { jobs, host } = await openWorld()
    const { id, run } = await jobs.start(training())
    await until(() => host.processes[0]!.tasks.length === 1)
    const paused = jobs.pause(id)
    writeRun(run!, 5)
    await paused
    const { events } = follow(jobs, id)
    await until(() => stepsOf(events).length > 0)
    expect(events.find(({ live }) => live)!.live).toMatchObject({
      isStart: true,
      header: { run, method: 'self-distillation', exits: [1, 2, 3, 4], epochs: 2, stepsPerEpoch: 3 },
      steps: [1, 2, 3, 4, 5].map((step) => ({ step })),
      epochs: []
    })
    await jobs.resume(id)
    await until(() => host.processes[0]!.tasks.length === 2)
    expect(host.processes[0]!.tasks[1]!.task.isFollowed).toBe(true)
    host.processes[0]!.tasks[1]!.tell({ live: liveOf([1, 2, 3, 4], true) })
    await until(() => events.filter(({ live }) => live?.isStart).length === 2)
  })

  test('that has ended gives its history and its end at once', async () => {
    const { jobs, host } = await openWorld()
    const { id, run } = await jobs.start(training())
    await until(() => host.processes[0]!.tasks.length === 1)
    writeRun(run!, 3)
    host.processes[0]!.tasks[0]!.finish({ kind: 'trained' })
    await until(() => jobs.list()[0]!.state === 'done')
    const { events, ended } = follow(jobs, id)
    expect((await ended).state).toBe('done')
    expect(stepsOf(events)).toEqual([1, 2, 3])
  })
})

describe('watching', () => {
  test('tells all jobs at once, and every change of a state', async () => {
    const { jobs, host } = await openWorld()
    const told: string[][] = []
    const controller = new AbortController()
    const watching = jobs.watch((list) => void told.push(list.map(({ state }) => state)), controller.signal)
    expect(told).toEqual([[]])
    const { id } = await jobs.start(probing)
    await until(() => told.at(-1)?.[0] === 'running')
    jobs.cancel(id)
    expect(told.at(-1)).toEqual(['cancelled'])
    const count = told.length
    controller.abort()
    await watching
    await until(() => host.processes.length > 0)
    await jobs.start(probing)
    expect(told).toHaveLength(count)
  })

  test('gathers progress: a hundred news in a moment are no hundred lists', async () => {
    const { jobs, host } = await openWorld()
    await jobs.start(training())
    await until(() => host.processes[0]!.tasks.length === 1)
    let lists = 0
    const controller = new AbortController()
    const watching = jobs.watch(() => void (lists += 1), controller.signal)
    for (let index = 0; index < 100; index++)
      host.processes[0]!.tasks[0]!.tell({ progress: { ...progress, fraction: index / 100 } })
    await until(() => jobs.list()[0]!.progress.fraction === 0.99)
    expect(lists).toBeLessThan(5)
    controller.abort()
    await watching
  })
})

test('a job that is gone is said to be', async () => {
  const { jobs } = await openWorld()
  await expect(jobs.follow('x', () => undefined, new AbortController().signal)).rejects.toThrow(
    'There is no job "x" any more.'
  )
  expect(() => jobs.cancel('x')).toThrow('There is no job "x" any more.')
})

/** A run's manifest and history, as a training leaves them. */
function writeRun(run: string, steps: number): void {
  mkdirSync(run, { recursive: true })
  const config = (training() as { config: object }).config
  const data = {
    name: 'fashion-mnist',
    hash: '',
    classes: ['a', 'b'],
    channels: 1,
    size: 32,
    mean: [0],
    deviation: [1]
  }
  const backend = { name: 'native', device: 'CPU', version: '2' }
  const manifest = { schemaVersion: 1, config, data, software: {}, backend, createdAt: '2026-01-01T00:00:00Z' }
  writeFileSync(join(run, 'manifest.json'), JSON.stringify(manifest))
  const lines = Array.from({ length: steps }, (_, index) => `${JSON.stringify({ step: stepRecord(index + 1) })}\n`)
  writeFileSync(join(run, 'history.jsonl'), lines.join(''))
}
