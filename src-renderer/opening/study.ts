import type { ProbeSpec } from '../../src-shared/jobs.ts'
import type { Settings } from '../../src-shared/lab-contract.ts'
import type { LibraryItem } from '../../src-shared/library.ts'
import type { ProbeKind, Subject } from '../../src-shared/reports.ts'
import type { App } from '../app.ts'
import { atFrame } from '../timeline/frames.ts'

/** The probes that every network is put to, in the order in which they are run. */
export const studyKinds = ['discriminativeness', 'embedding', 'gradients', 'flatness'] as const satisfies ProbeKind[]

/** What is studied of an item: the file itself, of a folder of checkpoints the last one. */
export const studiedOf = (item: LibraryItem): LibraryItem => ({
  ...atFrame(item, undefined),
  path: item.frames?.at(-1)?.path ?? item.path
})

const toSubject = ({ path, name, group, role, seed }: LibraryItem): Subject => ({ path, name, group, role, seed })

/** A probe's settings as the window has them, on the test split of a data set. */
function settingsOn({ settings }: App['session'], kind: ProbeKind, dataset: string): Settings {
  const { data, ...rest } = settings[kind]
  return { ...rest, data: { kind: 'dataset', name: dataset, split: 'test', ...(data as object) } }
}

/** Seconds that the standard study of an item will take, guessed from earlier ones; NaN while nothing is known. */
export async function estimateStudy({ engine, session }: App, item: LibraryItem, dataset: string): Promise<number> {
  const subject = toSubject(studiedOf(item))
  const seconds = await Promise.all(
    studyKinds.map(async (kind) => {
      const request = { kind, checkpoints: [subject], settings: settingsOn(session, kind, dataset) }
      const { report, isStale, estimatedSeconds } = await engine.findResult(request)
      return report && !isStale ? 0 : estimatedSeconds
    })
  )
  const known = seconds.filter(Number.isFinite)
  return known.length > 0 ? known.reduce((a, b) => a + b, 0) : NaN
}

/** Starts the standard study of an item as jobs: its accuracy on the whole test split, then every probe. */
export async function startStudy({ engine, session }: App, item: LibraryItem, dataset: string): Promise<void> {
  const data = { kind: 'dataset', name: dataset, split: 'test', limit: null } as const
  const subject = toSubject(studiedOf(item))
  await engine.startJob({ spec: { kind: 'evaluate', path: subject.path, data, seed: 0 } })
  for (const probe of studyKinds) {
    const request = { ...settingsOn(session, probe, dataset), checkpoints: [subject] }
    const spec = { kind: 'probe', probe, request } as unknown as ProbeSpec
    await engine.startJob({ spec: spec as never })
  }
}
