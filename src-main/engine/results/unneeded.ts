import { basename } from 'node:path'
import type { StoredHead } from './stored-reports.ts'

/**
 * Stored reports in the order in which they may go: first those whose every checkpoint was measured again with the same
 * settings, all in one newer report; then the others; the oldest first.
 */
export function unneededFirst(heads: readonly StoredHead[]): StoredHead[] {
  const oldestFirst = heads.toSorted((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1))
  const superseded = new Set(
    oldestFirst.filter((head, position) => oldestFirst.slice(position + 1).some((newer) => replaces(newer, head)))
  )
  return [...superseded, ...oldestFirst.filter((head) => !superseded.has(head))]
}

function replaces(newer: StoredHead, older: StoredHead): boolean {
  if (newer.kind !== older.kind || newer.key !== older.key || newer.dataHash !== older.dataHash) return false
  const hashes = new Set(newer.entries.map(({ hash }) => hash))
  return older.entries.every(({ hash }) => hashes.has(hash))
}

/** When it was stored, as its name says: the clock of the disk, not of the measurement. */
const timeOf = ({ file, kind }: StoredHead): string => basename(file).slice(kind.length + 1)
