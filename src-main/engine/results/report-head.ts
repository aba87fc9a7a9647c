import { z } from 'zod'
import { probeKinds, real, type AnyReport, type ProbeKind } from '../../../src-shared/reports.ts'
import { settingsKey } from '../../../src-shared/settings-key.ts'
import { isKey } from './settings.ts'

/** What of a stored report decides whether it is an answer: small enough to be kept of all of them. */
export const headSchema = z.object({
  kind: z.enum(probeKinds as [ProbeKind, ...ProbeKind[]]),
  /** Its settings as `settingsKey` writes them. */
  key: z.string().refine(isKey),
  /** SHA-256 of what it was measured on; empty without data. */
  dataHash: z.string(),
  /** ISO 8601. */
  createdAt: z.string(),
  /** Wall time of the probe. */
  seconds: real,
  entries: z
    .array(
      z.object({
        /** SHA-256 of the weights, hex. */
        hash: z.string(),
        /** The loss that was differentiated; null for kinds that have none. */
        method: z.string().nullable(),
        /** True where every loss is the same one: that of the only exit. */
        hasOneExit: z.boolean()
      })
    )
    .min(1)
})
export type ReportHead = z.infer<typeof headSchema>

/** The head of a report. */
export function headOf(report: AnyReport): ReportHead {
  const { kind, request, provenance } = report
  const entries =
    report.kind === 'gradients'
      ? report.checkpoints.map(({ hash, method, losses }) => {
          return { hash, method, hasOneExit: losses.crossEntropy.length === 1 }
        })
      : report.checkpoints.map(({ hash }) => ({ hash, method: null, hasOneExit: false }))
  return {
    kind,
    key: settingsKey(request),
    dataHash: provenance.data?.hash ?? '',
    createdAt: provenance.createdAt,
    seconds: provenance.seconds,
    entries
  }
}
