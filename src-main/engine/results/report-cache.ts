import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { UserError } from '../../../src-shared/errors.ts'
import { parseReport, reportVersion } from '../../../src-shared/report-file.ts'
import type { AnyReport } from '../../../src-shared/reports.ts'
import { explainFileError } from '../../file-errors.ts'

const mostBytes = 256 * 2 ** 20
const mostReports = 16

/** Reads report files; the last ones stay in memory, for a view asks for the same again and again. */
export function createReportCache(): (path: string) => Promise<AnyReport> {
  const known = new Map<string, Promise<AnyReport>>()
  return (path) => {
    const found = known.get(path)
    const report = found ?? readReport(path)
    known.delete(path)
    known.set(path, report)
    if (!found) report.catch(() => known.delete(path))
    for (const oldest of [...known.keys()].slice(0, -mostReports)) known.delete(oldest)
    return report
  }
}

/** The digits by which a stored report's name tells its text. */
export const textHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8)

/** Throws UserError where the file cannot be read or is no report. */
async function readReport(path: string): Promise<AnyReport> {
  let text: string
  try {
    const entry = await stat(path)
    if (!entry.isFile() || entry.size > mostBytes) throw new UserError(`${path} is too large for a report.`)
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw explainFileError(error, path)
  }
  // As it was written here, so it need not be checked number by number, which takes several times as long.
  const isOurs = basename(path).endsWith(`-${textHash(text)}.json`)
  return (isOurs && asWritten(text)) || parseReport(text, path)
}

/** null for what another version of the program wrote. */
function asWritten(text: string): AnyReport | null {
  const { version, ...report } = JSON.parse(text) as AnyReport & { version: number }
  if (version !== reportVersion) return null
  restoreNumbers(report.provenance)
  for (const entry of report.checkpoints) restoreNumbers(entry)
  return report
}

/** In entries and provenance null stands for a number that is none, but for the data that there was not. */
function restoreNumbers(value: object): void {
  const fields = value as Record<string, unknown>
  for (const key in fields) {
    const field = fields[key]
    if (field === null && key !== 'data') fields[key] = NaN
    else if (typeof field === 'object' && field !== null) restoreNumbers(field)
  }
}
