import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../../src-shared/errors.ts'
import type { LibraryEdit, LibraryItem } from '../../../src-shared/library.ts'
import { describeDataset, findDataset } from '../data/dataset.ts'
import type { Roots } from '../roots.ts'
import { isRunLocked } from '../runs/run-lock.ts'
import { atMost } from './at-most.ts'
import { createDescriptions } from './descriptions.ts'
import { createEvaluations, type Evaluations } from './evaluations.ts'
import type { CountOf } from './measured.ts'
import { filePlace, filePlaces, runPlaces, samplePlaces, samplesFolder, type Place } from './places.ts'
import { createRecords, isRecent, newRecord, type LibraryRecord } from './records.ts'
import { isTimelineFolder, readTimeline, type TimelineSources } from '../timeline/timeline.ts'
import { toItem } from './to-item.ts'
import { createTrash } from './trash.ts'

/** The checkpoints that the lab knows, and what the user says of them. */
export type Library = {
  /** Samples by name, then runs by their last change, then opened files by their last opening. */
  list(): Promise<LibraryItem[]>
  /** Adds a checkpoint, or a folder of checkpoints of one run, or finds it. Throws UserError with one sentence where it cannot be used. */
  open(path: string): Promise<LibraryItem>
  /** Throws UserError where there is no such item. */
  edit(id: string, edit: LibraryEdit): Promise<LibraryItem>
  /** Forgets a file; moves a run to the trash. Throws UserError for samples and for a run in training. */
  remove(id: string): Promise<void>
  /** Undoes `remove`, for 30 days. Throws UserError where that is too long ago, or the run's place is taken. */
  restore(id: string): Promise<LibraryItem>
  evaluations: Evaluations
  /** What timelines are read with: of files that are as they were, from memory. */
  timelineSources: TimelineSources
  /** What results of a checkpoint are found by, as `resultKey` gives it; of a file that is as it was from memory. Throws UserError. */
  keyOf(path: string): Promise<string>
  /** The name of the shipped sample with these weights; null where there is none. */
  sampleOf(hash: string): Promise<string | null>
}

export type LibraryOptions = {
  home: string
  roots: Roots
  /** Where the shipped samples lie. */
  samples?: string
  /** Is told in a sentence what is damaged, and was worked around; by default it goes to stderr. */
  warn?: (sentence: string) => void
}

/** Items that are read at the same time: each holds a file or two open. */
const mostAtOnce = 16

/** Opens the library that lies in `home`; nothing is read before it is asked for, but old trash is removed. */
export function createLibrary({ home, roots, samples = samplesFolder, warn = toStderr }: LibraryOptions): Library {
  const runs = join(home, 'runs')
  const descriptions = createDescriptions(join(home, 'library-cache.json'))
  const records = createRecords(join(home, 'library.json'), warn)
  const trash = createTrash(join(home, 'trash'), runs)
  const countOf = createCountOf(roots)
  const queue = atMost(mostAtOnce)
  const describedAt = async (path: string) => descriptions.of(await roots.check(path))
  const keyOf = async (path: string) => (await describedAt(path)).key
  const timelineSources: TimelineSources = { check: roots.check, describe: descriptions.of }
  const evaluations = createEvaluations({ path: join(home, 'evaluations.json'), warn, describe: describedAt, countOf })
  const purged = trash.purge().catch((error: unknown) => warn(`Old trash was not removed: ${String(error)}`))

  async function itemsOf(places: Place[], known: ReadonlyMap<string, LibraryRecord>): Promise<LibraryItem[]> {
    const sources = { roots, descriptions, countOf, evaluations: await evaluations.all() }
    const items = await Promise.all(places.map((place) => queue(() => toItem(place, known.get(place.id), sources))))
    await descriptions.save()
    return items
  }
  const itemOf = async (place: Place) => (await itemsOf([place], await records.read()))[0]!

  async function placeOf(id: string): Promise<Place | undefined> {
    const places = [...(await samplePlaces(samples)), ...(await runPlaces(runs))]
    return [...places, ...filePlaces(await records.read())].find((place) => place.id === id)
  }
  /** The sample or the run of the lab that lies at a path without links. */
  async function ourPlace(real: string): Promise<Place | undefined> {
    for (const place of [...(await samplePlaces(samples)), ...(await runPlaces(runs))])
      if ((await realpath(place.path).catch(() => '')) === real) return place
    return undefined
  }
  async function requirePlace(id: string): Promise<Place> {
    const place = await placeOf(id)
    if (place) return place
    throw new UserError(`The library has no item ${JSON.stringify(id.slice(0, 40))} any more.`)
  }
  const change = (place: Place, work: (record: LibraryRecord) => LibraryRecord) =>
    records.update((all) => {
      const before = all.get(place.id) ?? newRecord(place.id, place.source === 'file' ? place.path : null)
      all.set(place.id, work(before))
    })

  return {
    evaluations,
    timelineSources,
    keyOf,

    async list() {
      const known = await records.read()
      const places = [...(await samplePlaces(samples)), ...(await runPlaces(runs)), ...filePlaces(known)]
      const items = await itemsOf(places, known)
      const order = (source: LibraryItem['source'], time: (item: LibraryItem) => string) =>
        items
          .filter((item) => item.source === source)
          .sort((a, b) => compare(time(b), time(a)) || compare(a.name, b.name))
      return [
        ...order('sample', () => ''),
        ...order('run', ({ changedAt }) => changedAt),
        ...order('file', ({ openedAt }) => openedAt)
      ]
    },

    async open(path) {
      const asked = await roots.check(path)
      const timeline = (await isTimelineFolder(asked)) ? await readTimeline(asked, timelineSources) : null
      // A folder with one checkpoint in it is meant to be that one.
      const real = timeline?.frames.length === 1 ? timeline.last.path : asked
      const described = timeline?.last.path ?? real
      // Whose tensors are no network known here, it opens all the same: as a list of tensors.
      await descriptions.of(described)
      const place = (await ourPlace(real)) ?? filePlace(real)
      await change(place, (record) => ({ ...record, openedAt: new Date().toISOString(), forgottenAt: null }))
      return itemOf(place)
    },

    async edit(id, { name, group, tags, note }) {
      const place = await requirePlace(id)
      await change(place, (record) => ({
        ...record,
        ...(name === undefined ? {} : { name: name === place.name ? undefined : name }),
        ...(group === undefined ? {} : { group }),
        ...(tags === undefined ? {} : { tags: [...new Set(tags)] }),
        ...(note === undefined ? {} : { note })
      }))
      return itemOf(place)
    },

    async remove(id) {
      const place = await requirePlace(id)
      if (place.source === 'sample') throw new UserError(`${place.name} comes with the program and can't be deleted.`)
      if (place.source === 'file')
        return change(place, (record) => ({ ...record, forgottenAt: new Date().toISOString() }))
      if (await isRunLocked(place.path))
        throw new UserError(`The run ${place.name} is training; stop it before you delete it.`)
      await purged
      await trash.take(id, place.path, (await records.read()).get(id) ?? null)
      await records.update((all) => void all.delete(id))
    },

    async restore(id) {
      await purged
      const record = (await records.read()).get(id)
      if (record?.path != null && record.forgottenAt !== null && isRecent(record.forgottenAt)) {
        const place = filePlace(record.path)
        await change(place, (before) => ({ ...before, forgottenAt: null }))
        return itemOf(place)
      }
      const back = await trash.giveBack(id)
      if (back?.record) {
        const { record } = back
        await records.update((all) => void all.set(id, record))
      }
      const place = await placeOf(id)
      if (place) return itemOf(place)
      throw new UserError('It cannot be brought back: what was deleted is kept for 30 days only.')
    },

    async sampleOf(hash) {
      for (const { path, name } of await samplePlaces(samples)) {
        const found = await descriptions.of(path).catch(() => null)
        if (found?.hash === hash) return name
      }
      return null
    }
  }
}

/** Reads the headers of a data set's files when it is first asked for. */
function createCountOf(roots: Roots): CountOf {
  const known = new Map<string, { train: number; test: number }>()
  return async (dataset, split) => {
    const found = known.get(dataset)
    if (found) return found[split]
    try {
      const { trainCount, testCount } = await describeDataset(await findDataset(await roots.checkDataset(dataset)))
      known.set(dataset, { train: trainCount, test: testCount })
      return split === 'train' ? trainCount : testCount
    } catch {
      return 0
    }
  }
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Says a sentence where the program runs; the window has it from nobody. */
export const toStderr = (sentence: string) => void process.stderr.write(`${sentence}\n`)
