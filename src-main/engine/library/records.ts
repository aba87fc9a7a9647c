import { z } from 'zod'
import { libraryEditSchema } from '../../../src-shared/library.ts'
import { createListStore, type ListStore } from './list-store.ts'

const { name, group, tags, note } = libraryEditSchema.shape
const time = z.string().max(40)

/** What the library remembers of an item beside what lies on the disk. */
export const recordSchema = z.object({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  /** Of an opened file or folder; null for samples and runs of the lab. */
  path: z.string().min(1).max(4096).nullable(),
  /** ISO 8601; empty if it was never opened here. */
  openedAt: time,
  /** ISO 8601; null unless the file has been taken out of the library. */
  forgottenAt: time.nullable(),
  name,
  group,
  tags: tags.unwrap(),
  note: note.unwrap()
})
export type LibraryRecord = z.infer<typeof recordSchema>

/** The record of an item of which nothing is known yet. */
export const newRecord = (id: string, path: string | null): LibraryRecord => {
  return { id, path, openedAt: '', forgottenAt: null, tags: [], note: '' }
}

/** What was deleted can be brought back for 30 days. */
export const keptMs = 30 * 24 * 3600 * 1000
/** Opened files that nobody wrote anything about are kept up to this many. */
const mostOpened = 1000

/** The library's records by their items' ids, kept in the file `path`. */
export const createRecords = (path: string, warn: (sentence: string) => void): ListStore<LibraryRecord> =>
  createListStore({ path, warn, item: recordSchema, keyOf: ({ id }) => id, withinBounds })

function withinBounds(records: LibraryRecord[]): LibraryRecord[] {
  const kept = records.filter(({ forgottenAt }) => forgottenAt === null || isRecent(forgottenAt))
  const plain = kept
    .filter((record) => record.path !== null && !isEdited(record))
    .sort((a, b) => (a.openedAt < b.openedAt ? 1 : -1))
  const dropped = new Set(plain.slice(mostOpened))
  return kept.filter((record) => !dropped.has(record))
}

/** True for what was deleted no longer ago than it can be brought back. */
export const isRecent = (time: string): boolean => Date.now() - Date.parse(time) <= keptMs

const isEdited = ({ name, group, tags, note }: LibraryRecord): boolean =>
  name !== undefined || group !== undefined || tags.length > 0 || note !== ''
