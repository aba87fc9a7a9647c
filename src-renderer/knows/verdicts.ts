import type { ProbeReport } from '../../src-shared/reports.ts'

type Entry = ProbeReport<'embedding'>['checkpoints'][number]

/** What every exit of a checkpoint says of one image. */
export type Verdict = { exit: number; prediction: number; isRight: boolean }

/** Images of an entry: id, label, verdict of each exit, in the entry's order. */
export type Judged = { index: number; label: number; verdicts: Verdict[] }

/** Every image of an entry with what its exits say. */
export function judge({ indices, labels, exits }: Entry): Judged[] {
  return indices.map((index, position) => {
    const label = labels[position] ?? 0
    const verdicts = exits.map(({ exit, predictions }) => {
      const prediction = predictions[position] ?? -1
      return { exit, prediction, isRight: prediction === label }
    })
    return { index, label, verdicts }
  })
}

/** First exit that is right, 1-based; Infinity where none is. */
export const firstRightExit = ({ verdicts }: Judged): number =>
  verdicts.find(({ isRight }) => isRight)?.exit ?? Infinity

/** How often an exit takes one class for another. */
export type Confusion = { label: number; prediction: number; count: number; images: number[] }

/** Confusions of an exit, the most frequent first; right answers are none. */
export function confusions(judged: readonly Judged[], exit: number): Confusion[] {
  const found = new Map<string, Confusion>()
  for (const { index, label, verdicts } of judged) {
    const verdict = verdicts.find((one) => one.exit === exit)
    if (!verdict || verdict.isRight) continue
    const key = `${label} ${verdict.prediction}`
    const confusion = found.get(key) ?? { label, prediction: verdict.prediction, count: 0, images: [] }
    confusion.count += 1
    confusion.images.push(index)
    found.set(key, confusion)
  }
  return [...found.values()].sort((a, b) => b.count - a.count || a.label - b.label || a.prediction - b.prediction)
}
