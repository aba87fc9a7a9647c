import type { Preprocessing, SettledPreprocessing } from '../../../src-shared/preprocessing.ts'
import { knownValues } from './known-values.ts'
import { ownValues, type DataFacts } from './settle.ts'

/** A preprocessing by the name that people know it by. */
export type Alternative = { label: string; preprocessing: Preprocessing }

/** Means and deviations that differ by less look the same to every network. */
const tolerance = 0.002

/** What was set, then all that is likely in its place: the data set's own values, known ones, plain ones. */
export function firstAlternatives({ preprocessing, label }: SettledPreprocessing, data: DataFacts): Alternative[] {
  const { channelOrder: _, ...input } = preprocessing
  const known = [ownValues(data), ...knownValues(data.shape[2])]
  return distinct([
    { label, preprocessing },
    ...known.map(({ label, ...values }) => ({ label, preprocessing: { ...input, ...values } }))
  ])
}

/** What is likely in place of the best so far: its colours in the other order, its images brought to size otherwise. */
export function furtherAlternatives(best: Alternative, before: readonly Alternative[], data: DataFacts): Alternative[] {
  const { label, preprocessing } = best
  const [height, width, channels] = data.shape
  const { size } = preprocessing
  const found: Alternative[] = []
  if (channels === 3) {
    const isReversed = preprocessing.channelOrder === 'bgr'
    const plain = label.replace(/, BGR$/, '')
    found.push({
      label: isReversed ? `${plain}, RGB` : `${plain}, BGR`,
      preprocessing: { ...preprocessing, channelOrder: isReversed ? 'rgb' : 'bgr' }
    })
  }
  if (Math.max(height, width) < size) {
    const isResized = preprocessing.fit === 'resize'
    found.push({
      label: `${label}, ${isResized ? 'padded' : 'resized'}`,
      preprocessing: { ...preprocessing, fit: isResized ? 'pad' : 'resize' }
    })
  }
  return distinct([...before, ...found]).slice(before.length)
}

function distinct(all: Alternative[]): Alternative[] {
  return all.filter(
    ({ preprocessing }, index) => !all.slice(0, index).some((other) => isAlike(other.preprocessing, preprocessing))
  )
}

function isAlike(a: Preprocessing, b: Preprocessing): boolean {
  const isClose = (one: readonly number[], other: readonly number[]) =>
    one.every((value, index) => Math.abs(value - other[index]!) < tolerance)
  return (
    (a.fit ?? 'pad') === (b.fit ?? 'pad') &&
    (a.channelOrder ?? 'rgb') === (b.channelOrder ?? 'rgb') &&
    isClose(a.mean, b.mean) &&
    isClose(a.deviation, b.deviation)
  )
}
