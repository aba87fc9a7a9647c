import type { AnyReport, Subject } from '../../../src-shared/reports.ts'

/** An entry of a report, and the checkpoint that it answers for. */
export type MergedEntry = { report: AnyReport; index: number; subject: Subject }

/**
 * One report of entries of several ones of the same kind and settings, in the order given, called as the subjects say.
 * Its provenance is the newest report's; its seconds are each report's by the share of its entries that are used.
 */
export function mergeReport(entries: readonly MergedEntry[]): AnyReport {
  const reports = [...new Set(entries.map(({ report }) => report))]
  // Of the data of networks, where there are any: what a file of outputs is of stands in its own entry.
  const ofNetworks = entries.filter(({ report, index }) => !report.checkpoints[index]!.data).map(({ report }) => report)
  const newest = (ofNetworks.length ? ofNetworks : reports).reduce((a, b) =>
    b.provenance.createdAt > a.provenance.createdAt ? b : a
  )
  const seconds = reports.map((report) => {
    const used = new Set(entries.filter((entry) => entry.report === report).map(({ index }) => index))
    return report.provenance.seconds * (used.size / report.checkpoints.length)
  })
  return {
    ...newest,
    request: { ...newest.request, checkpoints: entries.map(({ subject }) => subject) },
    provenance: { ...newest.provenance, seconds: seconds.reduce((a, b) => a + b, 0) },
    checkpoints: entries.map(({ report, index, subject }) => called(report.checkpoints[index]!, subject))
  } as AnyReport
}

type Entry = AnyReport['checkpoints'][number]

/** The entry under the names that a subject gives it; what the subject leaves open stays. */
const called = (entry: Entry, { path, name, group, role, seed }: Subject): Entry => ({
  ...entry,
  path,
  name: name ?? entry.name,
  group: group ?? entry.group,
  role: role ?? entry.role,
  seed: seed ?? entry.seed
})
