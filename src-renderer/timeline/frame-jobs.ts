import { isActive, type Job, type ProbeSpec } from '../../src-shared/jobs.ts'
import type { ProbeKind } from '../../src-shared/reports.ts'
import type { App } from '../app.ts'
import type { ViewName } from '../session.svelte.ts'
import { frameName, type TimelineItem } from './frames.ts'

const probes: { [V in ViewName]?: readonly ProbeKind[] } = {
  overview: ['embedding', 'discriminativeness'],
  knows: ['embedding', 'discriminativeness'],
  flat: ['flatness'],
  gradients: ['gradients']
}

/** What is measured of one frame for a view; a view that needs nothing shows every frame at once. */
export const probesOfView = (view: ViewName): readonly ProbeKind[] => probes[view] ?? []

type Asking = Pick<App, 'engine' | 'session' | 'toasts'>

/** Of every frame of a timeline whether a result of a kind of probe with the session's settings is stored. */
export async function findFrameResults(
  { engine, session }: Pick<App, 'engine' | 'session'>,
  { frames }: TimelineItem,
  kind: ProbeKind
): Promise<boolean[]> {
  const paths = frames.map(({ path }) => path)
  return (await engine.hasResults({ kind, paths, settings: session.settingsOf(kind) })).has
}

/** Measures what the view on screen shows of every frame that lacks it: one job each. */
export async function runForAllFrames(app: Asking): Promise<void> {
  const { engine, session, toasts } = app
  let started = 0
  try {
    for (const kind of probesOfView(session.view))
      for (const timeline of session.timelines) {
        const has = await findFrameResults(app, timeline, kind)
        for (const [i, frame] of timeline.frames.entries()) {
          if (has[i]) continue
          const { group, role, seed } = timeline
          const subject = { path: frame.path, name: frameName(timeline, frame), group, role, seed }
          const request = { ...session.settingsOf(kind), checkpoints: [subject] }
          const spec = { kind: 'probe', probe: kind, request } as unknown as ProbeSpec
          await engine.startJob({ spec: spec as never })
          started++
        }
      }
    toasts.say(started === 0 ? 'All epochs are measured already.' : `${countOf(started, 'job')} wait in the queue.`)
  } catch (error) {
    toasts.complain(error)
  }
}

/** Measures the accuracy on the test split of every frame that lacks it: one job each. */
export async function evaluateAllFrames({ engine, session, toasts }: Asking): Promise<void> {
  let started = 0
  try {
    for (const timeline of session.timelines)
      for (const { path, evaluatedOn } of timeline.frames) {
        if (evaluatedOn !== '') continue
        const data = { kind: 'dataset', name: timeline.dataset || session.dataset, split: 'test', limit: null } as const
        await engine.startJob({ spec: { kind: 'evaluate', path, data, seed: 0 } })
        started++
      }
    toasts.say(started === 0 ? 'All epochs are evaluated already.' : `Evaluating ${countOf(started, 'checkpoint')}.`)
  } catch (error) {
    toasts.complain(error)
  }
}

/** The jobs under way that measure a single frame of these timelines, the first to run last. */
export function jobsOfFrames(jobs: readonly Job[], timelines: readonly TimelineItem[]): Job[] {
  const paths = new Set(timelines.flatMap(({ frames }) => frames.map(({ path }) => path)))
  return jobs.filter((job) => {
    if (!isActive(job)) return false
    const { spec } = job
    if (spec.kind === 'evaluate') return paths.has(spec.path)
    if (spec.kind !== 'probe') return false
    const [only, second] = spec.request.checkpoints
    return only !== undefined && second === undefined && paths.has(only.path)
  })
}

/** Cancels jobs, those first that wait. */
export async function cancelJobs({ engine, toasts }: Asking, jobs: readonly Job[]): Promise<void> {
  const waitingFirst = jobs.toSorted((a, b) => Number(a.state === 'running') - Number(b.state === 'running'))
  for (const { id } of waitingFirst) await engine.cancelJob({ id }).catch((error: unknown) => toasts.complain(error))
}

const countOf = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
