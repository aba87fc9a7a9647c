import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { LibraryItem } from '../../../src-shared/library.ts'
import { packageRoot } from '../../package-root.ts'
import { nameOf } from '../checkpoint/checkpoint.ts'
import { isRun } from '../runs/run-folder.ts'
import type { LibraryRecord } from './records.ts'

/** Where the samples lie that come with the program. */
export const samplesFolder = join(packageRoot, 'resources', 'samples')

/** Where an item of the library lies, before anything of it has been read. */
export type Place = Pick<LibraryItem, 'id' | 'source' | 'path' | 'name'>

/** Samples and runs keep their id when the program or the home is moved; files are known by their path. */
const idOf = (source: LibraryItem['source'], key: string): string =>
  createHash('sha256').update(`${source}:${key}`).digest('hex').slice(0, 16)

/** An opened file or folder at a path. */
export const filePlace = (path: string): Place => {
  return { id: idOf('file', path), source: 'file', path, name: nameOf(path) }
}

/** The sample whose weights lie in `folder` under a name. */
export const samplePlace = (folder: string, name: string): Place => {
  return { id: idOf('sample', name), source: 'sample', path: join(folder, `${name}.safetensors`), name }
}

/** The run of the lab in the folder `name`. */
export const runPlace = (runs: string, name: string): Place => {
  return { id: idOf('run', name), source: 'run', path: join(runs, name), name }
}

/** The shipped samples, by name. */
export async function samplePlaces(folder: string): Promise<Place[]> {
  const names = await readdir(folder).catch(() => [])
  const suffix = '.safetensors'
  return names
    .filter((name) => name.endsWith(suffix))
    .sort()
    .map((name) => samplePlace(folder, name.slice(0, -suffix.length)))
}

/** The runs of the lab; links are not followed, and folders that are no runs are passed over. */
export async function runPlaces(runs: string): Promise<Place[]> {
  const entries = await readdir(runs, { withFileTypes: true }).catch(() => [])
  const places = entries.filter((entry) => entry.isDirectory()).map(({ name }) => runPlace(runs, name))
  const found = await Promise.all(places.map(async (place) => ((await isRun(place.path)) ? [place] : [])))
  return found.flat()
}

/** The files and folders that were opened and not taken out of the library again. */
export const filePlaces = (records: ReadonlyMap<string, LibraryRecord>): Place[] =>
  [...records.values()].flatMap(({ id, path, forgottenAt }) => {
    if (path === null || forgottenAt !== null) return []
    const place = filePlace(path)
    return place.id === id ? [place] : []
  })
