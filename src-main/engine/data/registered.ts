import { isAbsolute, join } from 'node:path'
import { z } from 'zod'
import { createListStore, type ListStore } from '../library/list-store.ts'

const count = z.number().int().min(0)

/** Names that a person may give: no path, and a folder's name on every system. */
export const datasetName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}[A-Za-z0-9]$|^[A-Za-z0-9]$/)

/** A data set that was added to a lab: where it lies, how it is read, and what it was when it was added. */
export const datasetRecord = z.object({
  name: datasetName,
  /** Absolute, links followed. */
  path: z.string().refine((path) => isAbsolute(path) && !path.includes('\0')),
  /** The format's id. */
  format: z.string(),
  /** For people, with what the reader chose. */
  formatText: z.string(),
  /** Side that images of a folder are resized to, pixels. */
  size: z.number().int().min(1),
  /** Which of CIFAR-100's labels are used. */
  labels: z.enum(['fine', 'coarse']),
  /** True where its files lie in the lab's own folder, and go when it is removed. */
  isCopy: z.boolean(),
  addedAt: z.string(),
  hash: z.string(),
  classes: z.array(z.string()).min(1),
  trainCount: count,
  testCount: count,
  shape: z.tuple([count, count, count]),
  /** Per channel over the train split, in 0..1. */
  mean: z.array(z.number()),
  deviation: z.array(z.number())
})
export type DatasetRecord = z.infer<typeof datasetRecord>

/** Data sets of a lab. */
export const mostRecords = 1000
const stores = new Map<string, ListStore<DatasetRecord>>()

/** The list of the data sets that were added to the lab in `home`, by name: `<home>/datasets.json`. */
export function datasetStore(home: string): ListStore<DatasetRecord> {
  const path = join(home, 'datasets.json')
  const store =
    stores.get(path) ??
    createListStore({
      path,
      item: datasetRecord,
      keyOf: ({ name }) => name,
      withinBounds: (items) => items.slice(-mostRecords),
      warn: (sentence) => void process.stderr.write(`${sentence}\n`)
    })
  stores.set(path, store)
  return store
}

/** The data sets added to a lab, by name; the file is read anew each time, for other processes write it too. */
export async function registeredDatasets(home: string): Promise<DatasetRecord[]> {
  const records = await datasetStore(home).read()
  return [...records.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** A data set added to a lab; undefined where there is none of that name. */
export const findRegistered = async (home: string, name: string): Promise<DatasetRecord | undefined> =>
  datasetName.safeParse(name).success ? (await datasetStore(home).read()).get(name) : undefined
