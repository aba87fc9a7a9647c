import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { UserError } from '../../../src-shared/errors.ts'
import { evaluation, follow, openWorld, probing, report, training, until } from './jobs-world.ts'

const progress = { fraction: 0.5, secondsLeft: 8, message: 'Training, epoch 1 of 2' }

describe('the queue', () => {
  test('runs one training at a time, in the order they were started', async () => {
    const { jobs, host, stateOf } = await openWorld()
    const first = await jobs.start(training('a'))
    const second = await jobs.start(training('b'))
    const [process] = host.processes
    await until(() => process!.tasks.length === 1)
    expect([stateOf(first.id).state, stateOf(second.id).state]).toEqual(['running', 'waiting'])
    expect(stateOf(second.id).progress.message).toBe('Waiting')
    process!.tasks[0]!.finish({ kind: 'trained' })
    await until(() => process!.tasks.length === 2)
    expect([stateOf(first.id).state, stateOf(second.id).state]).toEqual(['done', 'running'])
    expect(stateOf(first.id)).toMatchObject({ error: null, attempts: 1, progress: { fraction: 1, secondsLeft: 0 } })
    expect(stateOf(first.id).endedAt! >= stateOf(first.id).startedAt!).toBe(true)
  })

  test('lets a probe run beside a training, in a process of its own', async () => {
    const { jobs, host, stateOf } = await openWorld()
    const trained = await jobs.start(training())
    const probed = await jobs.start(probing)
    const next = await jobs.start(evaluation)
    await until(() => host.processes[1]?.tasks.length === 1)
    expect([trained, probed, next].map(({ id }) => stateOf(id).state)).toEqual(['running', 'running', 'waiting'])
    expect(host.processes).toHaveLength(2)
  })

  test('keeps its processes warm from the first use on, and uses them again', async () => {
    const { jobs, host } = await openWorld({ backend: 'cpu' })
    expect(host.processes).toHaveLength(0)
    const controller = new AbortController()
    const watching = jobs.watch(() => undefined, controller.signal)
    await until(() => host.processes.length === 2 && host.processes.every(({ asked }) => asked.length > 0))
    expect(host.processes.map(({ asked }) => asked)).toEqual([['warm cpu'], ['warm cpu']])
    for (let time = 0; time < 2; time++) {
      const job = await jobs.start(evaluation)
      await until(() => host.processes[1]!.tasks.length === time + 1)
      const result = { exits: [], ensemble: { accuracy: 1, loss: 0 } }
      host.processes[1]!.tasks[time]!.finish({ kind: 'evaluated', result })
      await until(() => jobs.list().find(({ id }) => id === job.id)?.state === 'done')
    }
    expect(host.processes).toHaveLength(2)
    controller.abort()
    await watching
  })

  test('names jobs for people', async () => {
    const { jobs, home } = await openWorld()
    const titles = []
    for (const spec of [training('Noisy labels'), evaluation, probing]) titles.push((await jobs.start(spec)).title)
    const one = { ...report.request, checkpoints: [{ path: join(home, 'runs', 'noisy-0.5') }] }
    titles.push((await jobs.start({ kind: 'probe', probe: 'flatness', request: one })).title)
    expect(titles).toEqual([
      'Train Noisy labels',
      'Accuracy of noisy-baseline-0',
      'Flatness of 2 checkpoints',
      'Flatness of noisy-0.5'
    ])
  })
})

describe('a training', () => {
  test('gets a folder of its own below the runs, however often a name is chosen', async () => {
    const { jobs, home } = await openWorld()
    mkdirSync(join(home, 'runs', 'noisy-labels-40'), { recursive: true })
    const started = await Promise.all([1, 2].map(() => jobs.start(training('Noisy labels, 40 %'))))
    expect(started.map(({ run }) => run)).toEqual([2, 3].map((n) => join(home, 'runs', `noisy-labels-40-${n}`)))
  })

  test('is paused with what its process saved, and goes on later', async () => {
    const { jobs, host, stateOf } = await openWorld()
    const { id } = await jobs.start(training())
    const [process] = host.processes
    await until(() => process!.tasks.length === 1)
    process!.tasks[0]!.tell({ progress })
    await until(() => stateOf(id).progress.fraction === 0.5)
    expect(await jobs.pause(id)).toMatchObject({ state: 'paused', error: null, endedAt: null })
    expect(process!.asked).toContain('stop')
    expect(stateOf(id).progress).toEqual({ fraction: 0.5, secondsLeft: NaN, message: 'Paused' })
    expect(await jobs.pause(id)).toMatchObject({ state: 'paused' })
    await jobs.resume(id)
    await until(() => process!.tasks.length === 2)
    expect(process!.tasks[1]!.task.run).toBe(stateOf(id).run)
    expect(stateOf(id)).toMatchObject({ state: 'running', attempts: 1 })
    process!.tasks[1]!.finish({ kind: 'trained' })
    await until(() => stateOf(id).state === 'done')
  })

  test('says that it is being paused, whatever its process still tells', async () => {
    const { jobs, host, stateOf } = await openWorld()
    const { id } = await jobs.start(training())
    const [process] = host.processes
    await until(() => process!.tasks.length === 1)
    process!.hearsStop = false
    const paused = jobs.pause(id)
    process!.tasks[0]!.tell({ progress })
    await until(() => process!.asked.includes('stop'))
    expect(stateOf(id)).toMatchObject({ state: 'running', progress: { message: 'Pausing' } })
    process!.tasks[0]!.finish({ kind: 'stopped' })
    expect((await paused).state).toBe('paused')
  })

  test('that waits is paused without a process, and another one takes its turn', async () => {
    const { jobs, host, stateOf } = await openWorld()
    const first = await jobs.start(training('a'))
    const second = await jobs.start(training('b'))
    const third = await jobs.start(training('c'))
    expect((await jobs.pause(second.id)).state).toBe('paused')
    await until(() => host.processes[0]!.tasks.length === 1)
    host.processes[0]!.tasks[0]!.finish({ kind: 'trained' })
    await until(() => stateOf(third.id).state === 'running')
    expect(stateOf(first.id).state).toBe('done')
    expect(stateOf(second.id).state).toBe('paused')
  })

  test('that ends while it is being paused is done', async () => {
    const { jobs, host } = await openWorld()
    const { id } = await jobs.start(training())
    await until(() => host.processes[0]!.tasks.length === 1)
    host.processes[0]!.hearsStop = false
    const paused = jobs.pause(id)
    host.processes[0]!.tasks[0]!.finish({ kind: 'trained' })
    expect((await paused).state).toBe('done')
    await expect(jobs.pause(id)).rejects.toThrow('"Train noisy" has ended; there is nothing to pause.')
    await expect(jobs.resume(id)).rejects.toThrow('"Train noisy" has ended; start a new job instead.')
  })

  test('fails with its process’s sentence, or with what was unexpected', async () => {
    const { jobs, host, stateOf } = await openWorld()
    for (const [error, sentence] of [
      [
        new UserError('The disk that holds /x is full; free some space and try again.'),
        /^The disk that holds \/x is full/
      ],
      [new TypeError('x is not a function'), /^Something unexpected failed: x is not a function$/]
    ] as const) {
      const { id } = await jobs.start(training())
      await until(() => host.processes[0]!.tasks.length > 0)
      host.processes[0]!.tasks.pop()!.fail(error)
      await until(() => stateOf(id).state === 'failed')
      expect(stateOf(id).error).toMatch(sentence)
    }
  })

  test('of a folder that is no run is refused at once', async () => {
    const { jobs, home } = await openWorld()
    await expect(jobs.start({ kind: 'resume', run: home })).rejects.toThrow(/manifest\.json does not exist\.$/)
    expect(jobs.list()).toEqual([])
  })
})

describe('cancelling', () => {
  test('is seen at once; a process that answers is kept', async () => {
    const { jobs, host, stateOf } = await openWorld()
    const { id } = await jobs.start(training())
    const waiting = await jobs.start(training('next'))
    await until(() => host.processes[0]!.tasks.length === 1)
    expect(jobs.cancel(id)).toMatchObject({ state: 'cancelled', error: null })
    await until(() => stateOf(waiting.id).state === 'running')
    expect(host.processes.filter(({ isAlive }) => isAlive)).toHaveLength(2)
    expect(jobs.cancel(id).state).toBe('cancelled')
  })

  test('kills a process that does not answer, and the next job gets a new one', async () => {
    const { jobs, host, stateOf } = await openWorld()
    const { id } = await jobs.start(probing)
    const process = host.processes[1]!
    await until(() => process.tasks.length === 1)
    process.hearsStop = false
    expect(jobs.cancel(id).state).toBe('cancelled')
    await until(() => !process.isAlive)
    await until(() => host.processes[2]?.asked.includes('warm best'))
    expect(stateOf(id)).toMatchObject({ state: 'cancelled', error: null, attempts: 1 })
  })

  test('ends what waits or is paused, and what is told later of it counts no more', async () => {
    const { jobs, host, stateOf, stored } = await openWorld()
    const running = await jobs.start(probing)
    const waiting = await jobs.start(probing)
    expect(jobs.cancel(waiting.id).state).toBe('cancelled')
    const task = () => host.processes[1]!.tasks[0]
    await until(task)
    host.processes[1]!.hearsStop = false
    jobs.cancel(running.id)
    task()!.tell({ progress, report })
    task()!.finish({ kind: 'measured', report })
    const { id } = await jobs.start(evaluation)
    await until(() => stateOf(id).state === 'running')
    expect(stateOf(running.id)).toMatchObject({ state: 'cancelled', progress: { message: '' } })
    expect(stored).toEqual([])
  })
})

describe('a measurement', () => {
  test('can’t be paused', async () => {
    const { jobs } = await openWorld()
    const probed = await jobs.start(probing)
    const evaluated = await jobs.start(evaluation)
    await expect(jobs.pause(probed.id)).rejects.toThrow("A probe can't be paused; cancel it and run it again.")
    await expect(jobs.pause(evaluated.id)).rejects.toThrow("An evaluation can't be paused; cancel it and run it again.")
  })

  test('tells coarser reports, stores the whole one, and tells that at its end', async () => {
    const { jobs, host, stored } = await openWorld()
    const { id } = await jobs.start(probing)
    const { events, ended } = follow(jobs, id)
    await until(() => host.processes[1]?.tasks.length)
    const coarse = { ...report, request: { ...report.request, draws: 1 } }
    host.processes[1]!.tasks[0]!.tell({ report: coarse })
    await until(() => events.some((event) => event.report))
    const late = follow(jobs, id)
    expect(late.events[0]?.report?.request).toMatchObject({ draws: 1 })
    host.processes[1]!.tasks[0]!.finish({ kind: 'measured', report })
    expect((await ended).state).toBe('done')
    expect(events.at(-1)).toMatchObject({ job: { state: 'done' }, report: { request: report.request } })
    expect(stored).toHaveLength(1)
    // Whoever follows a probe that has ended meanwhile gets its report all the same.
    const afterwards = follow(jobs, id)
    expect((await afterwards.ended).state).toBe('done')
    expect(afterwards.events[0]?.report).toBeDefined()
  })

  test('that can’t be stored fails with the sentence, and its report is shown nevertheless', async () => {
    const { jobs, host } = await openWorld({
      results: { store: () => Promise.reject(new UserError('The disk that holds /lab is full; free some space.')) }
    })
    const { id } = await jobs.start(probing)
    const { events, ended } = follow(jobs, id)
    await until(() => host.processes[1]?.tasks.length)
    host.processes[1]!.tasks[0]!.finish({ kind: 'measured', report })
    expect(await ended).toMatchObject({ state: 'failed', error: 'The disk that holds /lab is full; free some space.' })
    expect(events.at(-1)?.report).toBeDefined()
  })

  test('of a checkpoint is kept with its accuracies', async () => {
    const { jobs, host, evaluated, stateOf } = await openWorld()
    const { id } = await jobs.start(evaluation)
    await until(() => host.processes[1]?.tasks.length)
    const result = { exits: [{ exit: 1, accuracy: 0.8, loss: 0.5 }], ensemble: { accuracy: 0.8, loss: 0.5 } }
    host.processes[1]!.tasks[0]!.finish({ kind: 'evaluated', result })
    await until(() => stateOf(id).state === 'done')
    expect(evaluated).toEqual(['/samples/noisy-baseline-0.safetensors'])
  })
})

describe('a process that dies', () => {
  test('is replaced, and the training goes on from its last checkpoint, three times in all', async () => {
    const { jobs, host, stateOf } = await openWorld()
    const { id } = await jobs.start(training())
    const next = await jobs.start(training('next'))
    const last = () => host.processes.findLast(({ tasks }) => tasks[0]?.task.run === stateOf(id).run)
    for (const attempt of [1, 2]) {
      await until(() => stateOf(id).attempts === attempt && last()?.isAlive)
      last()!.die('its process was ended by SIGSEGV')
      await until(() => stateOf(id).attempts === attempt + 1)
      expect(stateOf(id)).toMatchObject({
        state: 'running',
        progress: { message: 'Going on from the last checkpoint: its process was ended by SIGSEGV' }
      })
    }
    await until(() => last()?.isAlive)
    last()!.die('its process was ended by SIGKILL')
    await until(() => stateOf(id).state === 'failed')
    expect(stateOf(id).error).toBe(
      "Training was cut off 3 times (the last time its process was ended by SIGKILL), perhaps for lack of memory; the run's last checkpoint is kept and can be gone on with."
    )
    await until(() => stateOf(next.id).state === 'running')
  })

  test('makes a probe run once more', async () => {
    const { jobs, host, stateOf } = await openWorld()
    const { id } = await jobs.start(probing)
    const probes = () => host.processes.filter(({ tasks }) => tasks.length > 0)
    for (const attempt of [1, 2, 3]) {
      await until(() => probes().length === attempt)
      if (attempt > 1) expect(stateOf(id).progress.message).toMatch(/^Measuring once more: its process ended/)
      probes().at(-1)!.die('its process ended with status 134')
    }
    await until(() => stateOf(id).state === 'failed')
    expect(stateOf(id).error).toMatch(/^This was cut off 3 times \(the last time its process ended with status 134\)/)
  })

  test('while it saves for a pause leaves the training paused', async () => {
    const { jobs, host } = await openWorld()
    const { id } = await jobs.start(training())
    await until(() => host.processes[0]!.tasks.length === 1)
    host.processes[0]!.hearsStop = false
    const paused = jobs.pause(id)
    host.processes[0]!.die('its process was ended by SIGKILL')
    expect((await paused).state).toBe('paused')
  })

  test('without a job is not started again before it is needed', async () => {
    const { jobs, host } = await openWorld()
    const { id } = await jobs.start(evaluation)
    await until(() => host.processes[1]?.tasks.length)
    host.processes[0]!.die('its process ended with status 1')
    host.processes[1]!.tasks[0]!.finish({
      kind: 'evaluated',
      result: { exits: [], ensemble: { accuracy: 0, loss: 0 } }
    })
    await until(() => jobs.list().find((job) => job.id === id)?.state === 'done')
    expect(host.processes).toHaveLength(2)
    await jobs.start(training())
    await until(() => host.processes[2]?.tasks.length === 1)
    expect(existsSync(join(jobs.list()[0]!.run!))).toBe(false)
  })
})
