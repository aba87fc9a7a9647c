import { appendFile, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { formatReport } from '../../../src-shared/report-file.ts'
import { probeKinds, type AnyReport, type ProbeKind } from '../../../src-shared/reports.ts'
import { withFileLock } from '../library/file-lock.ts'
import { writeAtomically } from '../runs/atomic-write.ts'
import { textHash } from './report-cache.ts'
import { headOf, headSchema, type ReportHead } from './report-head.ts'
import { unneededFirst } from './unneeded.ts'

/** A report's head, and the file that holds the report. */
export type StoredHead = ReportHead & { file: string }

/** The reports that were measured here, each a file `<kind>-<time>-<hash>.json` that is never changed. */
export type StoredReports = {
  /** Throws UserError where it cannot be written. */
  add(report: AnyReport): Promise<void>
  heads(kind: ProbeKind): Promise<StoredHead[]>
  /** Leaves a file out from now on, and says so once: it has been found damaged. */
  leaveOut(file: string, error: unknown): void
}

const namePattern = new RegExp(`^(${probeKinds.join('|')})-(\\d{8}T\\d{9}Z)-[0-9a-f]{8}\\.json$`)
const lineSchema = z.object({ name: z.string().regex(namePattern), head: headSchema })
const mostIndexBytes = 64 * 2 ** 20

/** At most so much is kept. */
export const storeLimits = { reports: 500, bytes: 500 * 10 ** 6 }

export function createStoredReports(options: {
  folder: string
  read(path: string): Promise<AnyReport>
  warn(sentence: string): void
  limits?: typeof storeLimits
}): StoredReports {
  const { folder, read, warn, limits = storeLimits } = options
  const index = join(folder, 'index.jsonl')
  const known = new Map<string, ReportHead>()
  const damaged = new Set<string>()
  let storedAt = 0

  const namesOf = async (kind?: ProbeKind) => {
    const names = await readdir(folder).catch(() => [])
    return names.filter((name) => {
      const [, found] = namePattern.exec(name) ?? []
      return found !== undefined && (kind === undefined || found === kind) && !damaged.has(name)
    })
  }

  /** The index spares the reading of whole reports; it may lack some, and name some that are gone. */
  async function readIndex(): Promise<void> {
    const isSmall = await stat(index).then(
      ({ size }) => size <= mostIndexBytes,
      () => false
    )
    const text = isSmall ? await readFile(index, 'utf8').catch(() => '') : ''
    for (const line of text.split('\n')) {
      const entry = parseLine(line)
      if (entry) known.set(entry.name, entry.head)
    }
  }

  async function heads(kind?: ProbeKind): Promise<StoredHead[]> {
    const names = await namesOf(kind)
    if (names.some((name) => !known.has(name))) await readIndex()
    const found: StoredHead[] = []
    for (const name of names) {
      const file = join(folder, name)
      const head = known.get(name) ?? (await readHead(name, file))
      if (head) found.push({ ...head, file })
    }
    return found
  }

  async function readHead(name: string, file: string): Promise<ReportHead | null> {
    try {
      const head = headOf(await read(file))
      if (!name.startsWith(`${head.kind}-`)) throw new Error(`it holds a report of ${head.kind}`)
      known.set(name, head)
      await appendFile(index, formatLine(name, head)).catch(() => undefined)
      return head
    } catch (error) {
      leaveOut(file, error)
      return null
    }
  }

  function leaveOut(file: string, error: unknown): void {
    const name = file.slice(folder.length + 1)
    if (damaged.has(name)) return
    damaged.add(name)
    // Another process may have removed it meanwhile: nothing is wrong then.
    if ((error as { cause?: NodeJS.ErrnoException }).cause?.code === 'ENOENT') return
    warn(`A stored result is left out: ${error instanceof Error ? error.message : String(error)}`)
  }

  async function prune(): Promise<void> {
    const sizes = new Map<string, number>()
    for (const name of await namesOf())
      sizes.set(join(folder, name), (await stat(join(folder, name)).catch(() => null))?.size ?? 0)
    let bytes = [...sizes.values()].reduce((a, b) => a + b, 0)
    let reports = sizes.size
    if (reports <= limits.reports && bytes <= limits.bytes) return
    const stored = await heads()
    // The newest one stays in any case: it has just been asked for.
    for (const { file } of unneededFirst(stored).slice(0, -1)) {
      if (reports <= limits.reports && bytes <= limits.bytes) break
      await rm(file, { force: true })
      known.delete(file.slice(folder.length + 1))
      reports -= 1
      bytes -= sizes.get(file) ?? 0
    }
    const left = await namesOf()
    const lines = left.flatMap((name) => (known.has(name) ? [formatLine(name, known.get(name)!)] : []))
    await writeAtomically(index, lines.join(''))
  }

  return {
    heads: (kind) => heads(kind),
    leaveOut,
    async add(report) {
      const text = formatReport(report)
      // No two of the same moment: their order decides which one goes first.
      storedAt = Math.max(Date.now(), storedAt + 1)
      const stamp = new Date(storedAt).toISOString().replace(/[-:.]/g, '')
      const name = `${report.kind}-${stamp}-${textHash(text)}.json`
      // Where that fails, the writing says why.
      await mkdir(folder, { recursive: true }).catch(() => undefined)
      await writeAtomically(join(folder, name), text)
      const head = headOf(report)
      known.set(name, head)
      await appendFile(index, formatLine(name, head)).catch(() => undefined)
      await withFileLock(index, prune).catch((error: unknown) => warn(`Old results were not removed: ${String(error)}`))
    }
  }
}

const formatLine = (name: string, head: ReportHead): string => `${JSON.stringify({ name, head })}\n`

function parseLine(line: string): z.infer<typeof lineSchema> | null {
  try {
    return lineSchema.parse(JSON.parse(line))
  } catch {
    return null
  }
}
