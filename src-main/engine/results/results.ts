import { join } from 'node:path'
import type { LabRequest, LabResult } from '../../../src-shared/lab-contract.ts'
import type { AnyReport, ProbeKind, Subject } from '../../../src-shared/reports.ts'
import { toStderr, type Library } from '../library/library.ts'
import { samplesFolder } from '../library/places.ts'
import { chooseEntries, type Choice } from './choose-entries.ts'
import { secondsPerCheckpoint } from './estimate.ts'
import { mergeReport, type MergedEntry } from './merge-report.ts'
import { createReportCache } from './report-cache.ts'
import { askedKey } from './settings.ts'
import { createShippedReports } from './shipped-reports.ts'
import { createStoredReports, type storeLimits, type StoredHead } from './stored-reports.ts'

/** Reports that were measured, and those that come with the samples. */
export type Results = {
  /** Keeps a whole report. Throws UserError where it cannot be written. */
  store(report: AnyReport): Promise<void>
  /** What is stored for checkpoints, as `findResult` of the lab's contract says. Throws UsageError for wrong settings. */
  find(request: LabRequest<'findResult'>): Promise<LabResult<'findResult'>>
  /** Of which checkpoints anything is stored, as `hasResults` of the lab's contract says. Throws UsageError for wrong settings. */
  has(request: LabRequest<'hasResults'>): Promise<LabResult<'hasResults'>>
}

export type ResultsOptions = {
  home: string
  library: Pick<Library, 'keyOf'>
  /** Where the shipped reports lie. */
  samples?: string
  /** Is told in a sentence what is damaged, and was left out; by default it goes to stderr. */
  warn?: (sentence: string) => void
  limits?: typeof storeLimits
}

/** Opens the results that lie in `home`; nothing is read before it is asked for. */
export function createResults(options: ResultsOptions): Results {
  const { home, library, samples = samplesFolder, warn = toStderr, limits } = options
  const read = createReportCache()
  const stored = createStoredReports({ folder: join(home, 'reports'), read, warn, ...(limits ? { limits } : {}) })
  const shipped = createShippedReports({ folder: samples, read, warn, keyOf: (path) => library.keyOf(path) })

  /** The chosen entries as one report. Throws LeftOutError where one of the files turns out to be damaged. */
  async function open({ picks }: Choice<StoredHead>, checkpoints: readonly Subject[]): Promise<AnyReport> {
    const entries: MergedEntry[] = []
    for (const [position, pick] of picks.entries()) {
      if (!pick) continue
      const { head, index } = pick
      const report = await read(head.file).catch((error: unknown) => error as Error)
      if (report instanceof Error) throw new LeftOutError(head.file, report)
      if (report.kind !== head.kind || report.checkpoints.length !== head.entries.length)
        throw new LeftOutError(head.file, new Error(`${head.file} is not what the index says.`))
      entries.push({ report, index, subject: checkpoints[position]! })
    }
    return mergeReport(entries)
  }

  async function headsOf(kind: ProbeKind, hashes: ReadonlySet<string>): Promise<StoredHead[]> {
    return [...(await stored.heads(kind)), ...(await shipped.heads(kind, hashes))]
  }

  return {
    store: (report) => stored.add(report),

    async has({ kind, paths, settings }) {
      const wanted = await askedKey(kind, settings)
      const hashes = await Promise.all(paths.map((path) => library.keyOf(path).catch(() => null)))
      const heads = await headsOf(kind, new Set(hashes.filter((hash) => hash !== null)))
      const known = new Set(
        heads.filter(({ key }) => key === wanted).flatMap(({ entries }) => entries.map(({ hash }) => hash))
      )
      return { has: hashes.map((hash) => hash !== null && known.has(hash)) }
    },

    async find({ kind, checkpoints, settings }) {
      const wanted = settings && (await askedKey(kind, settings))
      const hashes = await Promise.all(checkpoints.map(({ path }) => library.keyOf(path).catch(() => null)))
      const known = new Set(hashes.filter((hash) => hash !== null))
      const leftOut = new Set<string>()
      for (;;) {
        const heads = (await headsOf(kind, known)).filter(({ file }) => !leftOut.has(file))
        const choice = chooseEntries(heads, hashes, wanted)
        try {
          const report = choice && (await open(choice, checkpoints))
          const missing = checkpoints.filter((_, position) => !choice?.picks[position]).map(({ path }) => path)
          const isStale = choice !== null && wanted !== null && choice.key !== wanted
          // Where settings have changed, all will be measured anew.
          const due = isStale ? checkpoints.length : missing.length
          const timed = heads.length || due === 0 ? heads : await shipped.anyHead(kind)
          const estimatedSeconds = due === 0 ? 0 : due * secondsPerCheckpoint(timed, wanted)
          return { report, missing, isStale, estimatedSeconds }
        } catch (error) {
          if (!(error instanceof LeftOutError)) throw error
          leftOut.add(error.file)
          stored.leaveOut(error.file, error.cause)
        }
      }
    }
  }
}

/** A file that was chosen and cannot be read: it is chosen no more. */
class LeftOutError extends Error {
  constructor(
    readonly file: string,
    cause: Error
  ) {
    super(cause.message, { cause })
  }
}
