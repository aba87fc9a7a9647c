import { describe, expect, it } from 'vitest'
import type { App } from '../../../src-renderer/app.ts'
import {
  cancelJobs,
  evaluateAllFrames,
  jobsOfFrames,
  runForAllFrames
} from '../../../src-renderer/timeline/frame-jobs.ts'
import type { TimelineItem } from '../../../src-renderer/timeline/frames.ts'
import { timelineCommands } from '../../../src-renderer/timeline/timeline-commands.ts'
import type { Job, JobSpec } from '../../../src-shared/jobs.ts'
import { makeItem } from '../items.ts'
import { makeFrames } from './make-frames.ts'

const run = makeItem({ name: 'run', group: 'run', frames: makeFrames([1, 2, null]) }) as TimelineItem

function makeApp(view: string, timelines: TimelineItem[] = [run]) {
  const specs: JobSpec[] = []
  const cancelled: string[] = []
  const said: string[] = []
  const complaints: string[] = []
  const app = {
    engine: {
      hasResults: ({ paths }: { paths: string[] }) => Promise.resolve({ has: paths.map((path) => /\/2\./.test(path)) }),
      startJob: ({ spec }: { spec: JobSpec }) => Promise.resolve(void specs.push(spec)),
      cancelJob: ({ id }: { id: string }) =>
        id === 'gone' ? Promise.reject(new Error('no such job')) : Promise.resolve(void cancelled.push(id))
    },
    session: { view, dataset: 'cifar10', timelines, timeline: timelines[0] ?? null, settingsOf: () => ({ seed: 3 }) },
    toasts: { say: (text: string) => said.push(text), complain: ({ message }: Error) => complaints.push(message) }
  } as unknown as App
  return { app, specs, cancelled, said, complaints }
}

describe('running for all epochs', () => {
  it('is a job each for the frames that lack a result', async () => {
    const { app, specs, said } = makeApp('flat')
    await runForAllFrames(app)
    const about = { group: 'run', role: run.role, seed: 0 }
    expect(specs).toEqual([
      {
        kind: 'probe',
        probe: 'flatness',
        request: { seed: 3, checkpoints: [{ path: '/frames/1.pth', name: 'run · epoch 1', ...about }] }
      },
      {
        kind: 'probe',
        probe: 'flatness',
        request: { seed: 3, checkpoints: [{ path: '/frames/unknown-2.pth', name: 'run · unknown-2', ...about }] }
      }
    ])
    expect(said).toEqual(['2 jobs wait in the queue.'])
  })

  it('asks for all that a view shows, and says so where there is nothing to do', async () => {
    const { app, specs } = makeApp('knows')
    await runForAllFrames(app)
    expect(specs.map((spec) => spec.kind === 'probe' && spec.probe)).toEqual([
      'embedding',
      'embedding',
      'discriminativeness',
      'discriminativeness'
    ])
    const idle = makeApp('learns')
    await runForAllFrames(idle.app)
    expect(idle.said).toEqual(['All epochs are measured already.'])
  })

  it('says why it stopped', async () => {
    const { app, complaints } = makeApp('flat')
    Object.assign(app.engine, { startJob: () => Promise.reject(new Error('The disk is full.')) })
    await runForAllFrames(app)
    expect(complaints).toEqual(['The disk is full.'])
  })
})

describe('evaluating all epochs', () => {
  it('is a job each for those without accuracies, on the data set of the run', async () => {
    const { app, specs } = makeApp('flat')
    await evaluateAllFrames(app)
    expect(specs).toEqual([
      {
        kind: 'evaluate',
        path: '/frames/unknown-2.pth',
        data: { kind: 'dataset', name: 'fashion-mnist', split: 'test', limit: null },
        seed: 0
      }
    ])
  })
})

describe('the jobs of frames', () => {
  const job = (id: string, spec: unknown, state = 'waiting') => ({ id, spec, state }) as Job
  const probe = (...paths: string[]) => ({ kind: 'probe', request: { checkpoints: paths.map((path) => ({ path })) } })
  const jobs = [
    job('a', probe('/frames/1.pth'), 'running'),
    job('b', probe('/frames/2.pth')),
    job('c', probe('/frames/1.pth', '/frames/2.pth')),
    job('d', probe('/elsewhere')),
    job('e', probe('/frames/1.pth'), 'done'),
    job('f', { kind: 'evaluate', path: '/frames/2.pth' }),
    job('g', { kind: 'train' }, 'running')
  ]

  it('are those of one frame that have not ended', () => {
    expect(jobsOfFrames(jobs, [run]).map(({ id }) => id)).toEqual(['a', 'b', 'f'])
    expect(jobsOfFrames(jobs, [])).toEqual([])
  })

  it('are cancelled, those first that wait, whatever becomes of one', async () => {
    const { app, cancelled, complaints } = makeApp('flat')
    await cancelJobs(app, [...jobsOfFrames(jobs, [run]), job('gone', probe('/frames/1.pth'))])
    expect(cancelled).toEqual(['b', 'f', 'a'])
    expect(complaints).toEqual(['no such job'])
  })
})

describe('the commands', () => {
  it('are there with a timeline, and run what the view shows', () => {
    const ids = (view: string, timelines?: TimelineItem[]) =>
      timelineCommands(makeApp(view, timelines).app).map(({ id, keys }) => keys ?? id)
    expect(ids('flat')).toEqual([',', '.', 'run-all-frames', 'evaluate-all-frames'])
    expect(ids('learns')).toEqual([',', '.', 'evaluate-all-frames'])
    expect(ids('flat', [])).toEqual([])
  })
})
