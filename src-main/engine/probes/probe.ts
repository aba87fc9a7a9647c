import type { CallOptions } from '../../../src-shared/contract.ts'
import type { ProbeKind, ProbeReport, ProbeRequest, Provenance } from '../../../src-shared/reports.ts'
import type { Backend } from '../backend/backend.ts'
import type { LoadedSelection } from '../data/load-selection.ts'
import { softwareVersions } from '../software.ts'

/** A measurement procedure: request in, plain report out; seeded, cancellable, with progress. */
export type Probe<K extends ProbeKind> = (
  backend: Backend,
  request: ProbeRequest<K>,
  options: CallOptions
) => Promise<ProbeReport<K>>

/** The images of a report; `count` is of each split where there are two. */
export type MeasuredOn = Pick<LoadedSelection, 'name' | 'hash' | 'count'> & { split: string }

/** Starts the clock of a report and gives the function that completes its provenance. */
export function startProvenance(backend: Backend, seed: number): (selection: MeasuredOn | null) => Provenance {
  const start = performance.now()
  const createdAt = new Date().toISOString()
  return (selection) => ({
    seed,
    data: selection && {
      name: selection.name,
      hash: selection.hash,
      split: selection.split,
      count: selection.count
    },
    software: softwareVersions(backend),
    backend: backend.name,
    device: backend.device,
    createdAt,
    seconds: (performance.now() - start) / 1000
  })
}
