import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readJobs } from '../../../src-main/engine/jobs/jobs-file.ts'
import { mostEndedJobs } from '../../../src-main/engine/jobs/jobs.ts'
import type { Job } from '../../../src-shared/jobs.ts'
import { evaluation, newHome, openWorld, probing, training, until } from './jobs-world.ts'

const job = (changes: Partial<Job> & Pick<Job, 'id'>): Job => ({
  spec: evaluation,
  title: 'Accuracy of x',
  state: 'done',
  progress: { fraction: 1, secondsLeft: 0, message: '' },
  createdAt: '2026-01-01T00:00:00.000Z',
  startedAt: '2026-01-01T00:00:01.000Z',
  endedAt: '2026-01-01T00:00:02.000Z',
  error: null,
  run: null,
  attempts: 1,
  ...changes
})
const running = { state: 'running', endedAt: null } as const
const fileOf = (home: string) => join(home, 'jobs.json')
const write = (home: string, jobs: unknown[]) => writeFileSync(fileOf(home), JSON.stringify({ version: 1, jobs }))
const read = (home: string) => JSON.parse(readFileSync(fileOf(home), 'utf8')) as { jobs: Job[] }

describe('jobs.json', () => {
  test('keeps every job over the end of the lab', async () => {
    const { home, jobs, host } = await openWorld()
    const done = await jobs.start(evaluation)
    await until(() => host.processes[1]?.tasks.length)
    host.processes[1]!.tasks[0]!.finish({
      kind: 'evaluated',
      result: { exits: [], ensemble: { accuracy: 0, loss: 0 } }
    })
    await until(() => jobs.list()[0]!.state === 'done')
    const paused = await jobs.start(training())
    await jobs.pause(paused.id)
    const cancelled = await jobs.start(probing)
    jobs.cancel(cancelled.id)
    await jobs.close()
    const again = await openWorld({ home })
    expect(again.jobs.list()).toEqual(jobs.list())
    expect(again.jobs.list().map(({ id, state }) => [id, state])).toEqual([
      [cancelled.id, 'cancelled'],
      [paused.id, 'paused'],
      [done.id, 'done']
    ])
    expect(again.warnings).toEqual([])
  })

  test('holds a started job before it is said to be started', async () => {
    const { home, jobs } = await openWorld()
    const { id } = await jobs.start(probing)
    expect(read(home).jobs.map((stored) => stored.id)).toEqual([id])
  })

  test.skipIf(process.platform !== 'linux')(
    'on a full disk refuses a job, and lets those there be paused',
    async () => {
      const { home, jobs, warnings } = await openWorld()
      const { id } = await jobs.start(training('kept'))
      await until(() => read(home).jobs[0]?.state === 'running')
      rmSync(fileOf(home))
      symlinkSync('/dev/full', fileOf(home))
      await expect(jobs.start(probing)).rejects.toThrow(
        `The disk that holds ${fileOf(home)} is full; free some space and try again.`
      )
      expect(jobs.list().map((one) => one.id)).toEqual([id])
      expect((await jobs.pause(id)).state).toBe('paused')
      await until(() => warnings.length > 0)
      expect(warnings[0]).toMatch(/jobs\.json is full; free some space and try again\.$/)
      rmSync(fileOf(home))
      await jobs.resume(id)
      await until(() => existsSync(fileOf(home)) && read(home).jobs[0]?.state === 'running')
    }
  )

  test('holds at most the 200 newest jobs that have ended, and all others', async () => {
    const home = newHome()
    const ended = Array.from({ length: mostEndedJobs + 20 }, (_, index) =>
      job({ id: `${index}`, endedAt: `2026-01-01T00:00:00.${String(index).padStart(3, '0')}Z` })
    )
    write(home, [job({ id: 'paused', state: 'paused', endedAt: null }), ...ended])
    const { jobs } = await openWorld({ home })
    const { id } = await jobs.start(probing)
    jobs.cancel(id)
    const ids = jobs.list().map((one) => one.id)
    expect(ids).toHaveLength(mostEndedJobs + 1)
    expect(ids).toContain('paused')
    expect(ids[0]).toBe(id)
    expect(ids).not.toContain('20')
    expect(ids).toContain('21')
  })
})

describe('jobs that ran when the lab was killed', () => {
  test('go on before those that waited; trainings from their checkpoint', async () => {
    const home = newHome()
    const run = join(home, 'runs', 'cut-off')
    write(home, [
      job({
        id: 'waiting',
        spec: training('later'),
        run: join(home, 'runs', 'later'),
        state: 'waiting',
        endedAt: null
      }),
      job({ id: 'training', spec: training('cut-off'), run, ...running }),
      job({ id: 'probe', spec: probing, ...running, attempts: 2 })
    ])
    const { host, stateOf } = await openWorld({ home })
    await until(() => host.processes.length === 2 && host.processes.every(({ tasks }) => tasks.length === 1))
    expect(host.processes.map(({ tasks }) => tasks[0]!.task.run).sort()).toEqual([run, null].sort())
    expect(stateOf('waiting').state).toBe('waiting')
    expect(stateOf('training')).toMatchObject({ state: 'running', attempts: 2 })
    expect(stateOf('training').progress.message).toBe(
      'Going on from the last checkpoint: the lab was ended while it ran'
    )
    expect(stateOf('probe')).toMatchObject({ attempts: 3 })
  })

  test('three times are not started again', async () => {
    const home = newHome()
    write(home, [job({ id: 'probe', spec: probing, ...running, attempts: 3 })])
    const { host, stateOf } = await openWorld({ home })
    expect(stateOf('probe')).toMatchObject({
      state: 'failed',
      error:
        'This was cut off 3 times (the last time the lab was ended while it ran), perhaps for lack of memory; close other programs or take fewer images, then run it again.'
    })
    expect(host.processes).toEqual([])
  })

  test('are started as often as it takes where the lab was ended in order', async () => {
    const { home, jobs, host } = await openWorld()
    const { id } = await jobs.start(training())
    await until(() => host.processes[0]!.tasks.length === 1)
    await jobs.close()
    expect(host.processes.every(({ isAlive }) => !isAlive) || host.processes[0]!.asked.includes('stop')).toBe(true)
    for (let time = 0; time < 4; time++) {
      expect(read(home).jobs[0]).toMatchObject({ id, state: 'waiting', attempts: 0 })
      const again = await openWorld({ home })
      await until(() => again.host.processes[0]?.tasks.length)
      expect(again.stateOf(id).state).toBe('running')
      await again.jobs.close()
    }
  })

  test('are not trained outside the lab’s runs, whatever the file says', async () => {
    const home = newHome()
    write(home, [job({ id: 'evil', spec: training(), run: '/etc', ...running })])
    const { host, stateOf } = await openWorld({ home })
    await until(() => stateOf('evil').state === 'failed')
    expect(stateOf('evil').error).toMatch(/^"\/etc" is no folder in .*runs; start the training anew\.$/)
    expect(host.processes.flatMap(({ tasks }) => tasks)).toEqual([])
  })
})

describe('a damaged jobs.json', () => {
  test.each([
    ['cut off', '{"version": 1, "jobs": [{"id"'],
    ['empty', ''],
    ['another document', '[1, 2, 3]'],
    ['of another version', '{"version": 7, "jobs": []}'],
    ['binary', '\u0000\u0001\ufffd']
  ])('(%s) is set aside, said once, and the lab begins anew', async (_, text) => {
    const home = newHome()
    writeFileSync(fileOf(home), text)
    const { jobs, warnings } = await openWorld({ home })
    expect(jobs.list()).toEqual([])
    expect(warnings).toEqual([
      `${fileOf(home)} is damaged (it is no list of jobs); it is kept as ${fileOf(home)}.damaged.`
    ])
    expect(readFileSync(`${fileOf(home)}.damaged`, 'utf8')).toBe(text)
    await jobs.start(probing)
    await jobs.close()
    const again = await openWorld({ home })
    expect(again.warnings).toEqual([])
    expect(again.jobs.list()).toHaveLength(1)
  })

  test('loses only what is no job', async () => {
    const home = newHome()
    const good = job({ id: 'good' })
    write(home, [good, { ...good, id: 'bad', state: 'flying' }, null, { ...good, id: 'worse', spec: { kind: 'rm' } }])
    const { jobs, warnings } = await openWorld({ home })
    expect(jobs.list()).toEqual([good])
    expect(warnings).toEqual([
      `${fileOf(home)} is damaged (3 of its 4 jobs can't be read); it is kept as ${fileOf(home)}.damaged.`
    ])
    await until(() => existsSync(fileOf(home)))
    expect(readdirSync(home).sort()).toEqual(['jobs.json', 'jobs.json.damaged'])
  })

  test('of any content never throws, and what it gives are jobs', async () => {
    const home = newHome()
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.array(fc.jsonValue()).map((jobs) => JSON.stringify({ version: 1, jobs }))
        ),
        async (text) => {
          writeFileSync(fileOf(home), text)
          const warnings: string[] = []
          expect(await readJobs(fileOf(home), (sentence) => void warnings.push(sentence))).toEqual([])
          if (text !== '{"version":1,"jobs":[]}') expect(warnings).toHaveLength(1)
        }
      ),
      { numRuns: 50 }
    )
  })

  test('that is a folder is said, and does not stop the lab', async () => {
    const home = newHome()
    mkdirSync(fileOf(home))
    const { jobs, warnings } = await openWorld({ home })
    expect(jobs.list()).toEqual([])
    expect(warnings[0]).toBe(`${fileOf(home)} is a folder, not a file.`)
  })
})
