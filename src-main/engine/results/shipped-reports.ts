import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { AnyReport, ProbeKind } from '../../../src-shared/reports.ts'
import { samplePlaces } from '../library/places.ts'
import { headOf } from './report-head.ts'
import type { StoredHead } from './stored-reports.ts'

/** The reports that come with the samples: `GROUP-KIND.json`, each read when it is first needed. */
export type ShippedReports = {
  /** Of a kind, those that may answer for checkpoints with these hashes. */
  heads(kind: ProbeKind, hashes: ReadonlySet<string>): Promise<StoredHead[]>
  /** Of a kind the smallest: enough to guess how long it takes. */
  anyHead(kind: ProbeKind): Promise<StoredHead[]>
}

export function createShippedReports(options: {
  folder: string
  read(path: string): Promise<AnyReport>
  keyOf(path: string): Promise<string>
  warn(sentence: string): void
}): ShippedReports {
  const { folder, read, keyOf, warn } = options
  const known = new Map<string, Promise<StoredHead | null>>()
  let samples: Promise<Map<string, string>> | null = null

  /** Hashes of the samples' weights by their names. */
  const hashes = () => (samples ??= hashSamples())
  async function hashSamples(): Promise<Map<string, string>> {
    const pairs = (await samplePlaces(folder)).map(async ({ name, path }): Promise<[string, string]> => [
      name,
      await keyOf(path).catch(() => '')
    ])
    return new Map(await Promise.all(pairs))
  }

  async function filesOf(kind: ProbeKind): Promise<string[]> {
    const names = await readdir(folder).catch(() => [])
    return names.filter((name) => name.endsWith(`-${kind}.json`)).map((name) => join(folder, name))
  }

  function headIn(file: string): Promise<StoredHead | null> {
    const found = known.get(file)
    if (found) return found
    const head = readHead(file).catch((error: unknown) => {
      warn(`A shipped report is left out: ${error instanceof Error ? error.message : String(error)}`)
      return null
    })
    known.set(file, head)
    return head
  }

  async function readHead(file: string): Promise<StoredHead> {
    const report = await read(file)
    const head = headOf(report)
    if (report.kind === 'history') {
      // A history is a run's, whose weights file is another one than the sample's that was exported from it.
      const byName = await hashes()
      head.entries.forEach((entry, index) => {
        entry.hash = byName.get(report.checkpoints[index]!.name) ?? entry.hash
      })
    }
    return { ...head, file }
  }

  const all = async (files: string[]) => {
    const heads: StoredHead[] = []
    for (const file of files) {
      const head = await headIn(file)
      if (head) heads.push(head)
    }
    return heads
  }

  return {
    async heads(kind, wanted) {
      const names = [...(await hashes())].filter(([, hash]) => wanted.has(hash)).map(([name]) => name)
      const isWanted = (file: string) => {
        const group = basename(file, `${kind}.json`)
        return names.some((name) => name.startsWith(group))
      }
      return all((await filesOf(kind)).filter(isWanted))
    },
    async anyHead(kind) {
      const sized = await Promise.all(
        (await filesOf(kind)).map(async (file) => ({ file, bytes: (await stat(file).catch(() => null))?.size ?? 0 }))
      )
      const [smallest] = sized.sort((a, b) => a.bytes - b.bytes)
      return smallest ? all([smallest.file]) : []
    }
  }
}
