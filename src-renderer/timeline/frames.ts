import type { Frame, LibraryItem } from '../../src-shared/library.ts'

/** An item with frames to go through. */
export type TimelineItem = LibraryItem & { frames: Frame[] }

/** True for a folder of at least two checkpoints of one run. */
export const isTimeline = (item: LibraryItem): item is TimelineItem => (item.frames?.length ?? 0) > 1

/** The frame that is looked at: the last one where none was chosen, or the chosen one is gone. */
export const frameIndex = (frames: readonly Frame[], chosen: number | undefined): number =>
  Math.min(chosen ?? Infinity, frames.length - 1)

/** An item as it was at one of its frames; any other item as it is. */
export function atFrame(item: LibraryItem, chosen: number | undefined): LibraryItem {
  if (!isTimeline(item)) return item
  const frame = item.frames[frameIndex(item.frames, chosen)]!
  const { path, hash, changedAt, accuracies, ensembleAccuracy, evaluatedOn } = frame
  return {
    ...item,
    ...{ path, hash, changedAt, ensembleAccuracy, evaluatedOn },
    name: frameName(item, frame),
    exits: item.exits.map((exit, i) => ({ ...exit, accuracy: accuracies[i] ?? null }))
  }
}

/** For instance `my-run · epoch 12`. */
export const frameName = ({ name }: Pick<LibraryItem, 'name'>, { label }: Pick<Frame, 'label'>): string =>
  `${name} · ${label}`

/** Where another timeline stands when one goes to its frame `index`: at the nearest epoch, else at the same share. */
export function followFrame(others: readonly Frame[], frames: readonly Frame[], index: number): number {
  const epoch = frames[index]?.epoch ?? null
  const distance = ({ epoch: other }: Frame) => (other === null || epoch === null ? Infinity : Math.abs(other - epoch))
  const nearest = others.reduce((best, frame, i) => (distance(frame) < distance(others[best]!) ? i : best), 0)
  if (others[nearest] && Number.isFinite(distance(others[nearest]))) return nearest
  return Math.round((index / Math.max(1, frames.length - 1)) * Math.max(0, others.length - 1))
}

/** The next frame in play: the first one behind `index` that can be shown, from the start at the end; null where there are not two. */
export function nextShown(canShow: readonly boolean[], index: number): number | null {
  if (canShow.filter(Boolean).length < 2) return null
  const after = canShow.findIndex((can, i) => can && i > index)
  return after >= 0 ? after : canShow.indexOf(true)
}

/** The deepest exit's accuracy at each frame, 0..1; NaN where it was not measured. */
export const deepestAccuracies = (frames: readonly Frame[]): number[] =>
  frames.map(({ accuracies }) => accuracies.at(-1) ?? NaN)
