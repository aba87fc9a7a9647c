import { z } from 'zod'
import { probeKinds, real, type AnyReport, type ProbeKind } from '../../../src-shared/reports.ts'
import { settingsKey } from '../../../src-shared/settings-key.ts'
import { resultKey } from './result-key.ts'
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
        /** As `resultKey` gives it. */
        hash: z.string(),
        /** The loss that was differentiated; null for kinds that have none. */
        method: z.string().nullable(),
        /** True where every loss is the same one: that of the only exit. */
        hasOneExit: z.boolean(),
        /** True where it was measured on images of its own, so that it answers whatever data the report is of. */
        isGiven: z.literal(true).optional()
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
      ? report.checkpoints.map(({ method, losses, ...entry }) => {
          return { hash: keyOf(entry), method, hasOneExit: losses.crossEntropy.length === 1 }
        })
      : report.checkpoints.map((entry) => ({
          ...{ hash: keyOf(entry), method: null, hasOneExit: false },
          ...(entry.data ? { isGiven: true as const } : {})
        }))
  return {
    kind,
    key: settingsKey(request),
    dataHash: provenance.data?.hash ?? '',
    createdAt: provenance.createdAt,
    seconds: provenance.seconds,
    entries
  }
}

type Entry = AnyReport['checkpoints'][number]

const keyOf = ({ hash, ...said }: Pick<Entry, 'hash' | 'preprocessing' | 'architecture'>): string =>
  resultKey(hash, said)
