import { withoutEnding } from '../../../src-shared/checkpoint-endings.ts'

/** What the order of a folder's checkpoints is told by. */
export type Dated = {
  /** The file's name. */
  name: string
  /** As the file itself says; null where it doesn't. */
  epoch: number | null
  /** ISO 8601. */
  changedAt: string
}

/**
 * A folder's checkpoints in the order of their epochs, and these: as all of them say themselves, else by the numbers in
 * their names, else (epoch null) by their time. Where most names have a number the others, such as `best`, come last.
 */
export function orderFrames<T extends Dated>(files: readonly T[]): (T & { label: string })[] {
  const epochs = epochsOf(files)
  const ordered = files
    .map((file, i) => ({ ...file, epoch: epochs[i] ?? null }))
    .sort((a, b) => compareEpochs(a.epoch, b.epoch) || compare(a.changedAt, b.changedAt) || compare(a.name, b.name))
  const counts = new Map<number | null, number>()
  for (const { epoch } of ordered) counts.set(epoch, (counts.get(epoch) ?? 0) + 1)
  return ordered.map((file) => ({ ...file, label: labelOf(file, (counts.get(file.epoch) ?? 0) > 1) }))
}

function epochsOf(files: readonly Dated[]): (number | null)[] {
  if (files.every(({ epoch }) => epoch !== null)) return files.map(({ epoch }) => epoch)
  const numbers = files.map(({ name }) => numberIn(name))
  const known = numbers.filter((number) => number !== null)
  // A number that all of them share says what the network is called, not when it was saved.
  const isEpoch = known.length * 2 > files.length && (files.length === 1 || new Set(known).size > 1)
  return isEpoch ? numbers : files.map(() => null)
}

/** The number after the word epoch in a name, else its last one; null where it has none. */
function numberIn(name: string): number | null {
  const stem = withoutEnding(name)
  const found = /ep(?:och)?[-_= ]?(\d{1,9})(?!\d)/i.exec(stem)?.[1] ?? /(\d+)\D*$/.exec(stem)?.[1]
  return found === undefined || found.length > 12 ? null : Number(found)
}

const labelOf = ({ name, epoch }: Dated, isShared: boolean): string =>
  epoch === null ? withoutEnding(name) : `epoch ${epoch}${isShared ? ` (${withoutEnding(name)})` : ''}`

const compareEpochs = (a: number | null, b: number | null): number =>
  a === b ? 0 : a === null ? 1 : b === null ? -1 : a - b
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
