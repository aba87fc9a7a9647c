import { realpath, stat } from 'node:fs/promises'
import { UserError } from '../../../src-shared/errors.ts'
import { groupBy } from '../../../src-shared/group-by.ts'
import { explainFileError } from '../../file-errors.ts'
import { atMost } from '../library/at-most.ts'
import type { Described } from '../library/descriptions.ts'
import type { Roots } from '../roots.ts'
import { isRun } from '../runs/run-folder.ts'
import { listFolderFiles, mostFrames, type FolderFile } from './folder-files.ts'
import { orderFrames } from './frame-order.ts'
import { describeLeftOut } from './left-out.ts'

/** A checkpoint of a timeline. */
export type TimelineFrame = {
  /** Links followed. */
  path: string
  /** For instance `epoch 12`; the file's name where its epoch is unknown. */
  label: string
  epoch: number | null
  description: Described
}

/** The checkpoints of one run at different times. */
export type Timeline = {
  /** At least one, by epoch. */
  frames: TimelineFrame[]
  last: TimelineFrame
  /** A sentence about the files that were left out; empty where there were none. */
  remark: string
}

/** What a timeline is read with. */
export type TimelineSources = {
  /** Where files may be opened: gives the real path, or throws. */
  check: Roots['check']
  /** Throws where a file is no checkpoint. */
  describe(path: string): Promise<Described>
}

/** Files that are read at the same time. */
const mostAtOnce = 8

/** True for a folder that is not a run's: if it opens at all, it does as a timeline. */
export async function isTimelineFolder(path: string): Promise<boolean> {
  const entry = await stat(path).catch((error: unknown) => {
    throw explainFileError(error, path)
  })
  return entry.isDirectory() && !(await isRun(path))
}

/**
 * The checkpoints directly in a folder, at most 500: those of the network that most of them are. What else lies there is
 * left out. Throws UserError where there are none.
 */
export async function readTimeline(folder: string, { check, describe }: TimelineSources): Promise<Timeline> {
  const { files, refused, count } = await listFolderFiles(folder, check)
  const queue = atMost(mostAtOnce)
  const looked = await Promise.all(
    files.map((file) =>
      queue(async () => ({ ...file, description: await describe(file.path).catch((): null => null) }))
    )
  )
  const found = looked.flatMap(({ description, ...file }) => (description ? [{ ...file, description }] : []))
  const network = chooseNetwork(found)
  if (!network)
    throw new UserError(`${folder} is a folder, but not the folder of a run, and no checkpoints lie directly in it.`)
  const chosen = found.filter(({ description }) => description.signature === network)
  const frames = orderFrames(
    chosen.map((file) => ({ ...file, epoch: file.description.epoch, changedAt: file.description.changedAt }))
  ).map(({ path, label, epoch, description }) => ({ path, label, epoch, description }))
  const others = found.filter(({ description }) => description.signature !== network)
  const thinned =
    count > files.length
      ? `Of ${count} files only ${files.length} were looked at: a timeline has at most ${mostFrames}.`
      : ''
  const leftOut = describeLeftOut({
    strangers: namesOf(await withoutParts(looked, found)),
    others: namesOf(others),
    refused
  })
  return { frames, last: frames.at(-1)!, remark: [thinned, leftOut].filter(Boolean).join(' ') }
}

type Found = FolderFile & { description: Described }

/** The signature of a known network rather than of none, then of most files, then of the newest. */
function chooseNetwork(files: readonly Found[]): string | null {
  const groups = [...groupBy(files, ({ description }) => description.signature).values()].map((group) => ({
    signature: group[0]!.description.signature,
    isKnown: group[0]!.description.misfit === null,
    count: group.length,
    newest: group.reduce((last, { description }) => (description.changedAt > last ? description.changedAt : last), '')
  }))
  groups.sort(
    (a, b) =>
      Number(b.isKnown) - Number(a.isKnown) ||
      b.count - a.count ||
      (a.newest === b.newest ? 0 : a.newest < b.newest ? 1 : -1)
  )
  return groups[0]?.signature ?? null
}

/** The files that are no checkpoints, without those in which the weights of one lie. */
async function withoutParts(
  looked: readonly (FolderFile & { description: Described | null })[],
  found: readonly Found[]
): Promise<FolderFile[]> {
  const strangers = looked.filter(({ description }) => description === null)
  const parts = new Set(found.flatMap(({ description }) => description.parts))
  if (parts.size === 0) return strangers
  const places = await Promise.all(strangers.map(({ path }) => realpath(path).catch(() => path)))
  return strangers.filter((_, index) => !parts.has(places[index]!))
}

const namesOf = (files: readonly FolderFile[]) => files.map(({ name }) => name)
