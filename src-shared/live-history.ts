import type { LiveHistory } from './jobs.ts'
import type { LossTermName, StepRecord } from './reports.ts'

/** Most points of a live history; more are merged with their neighbours. */
export const mostLivePoints = 2000

/**
 * Neighbouring records as one: means over the steps they stand for, and the last one's numbers. `before` is the step
 * after which the first of them begins, so that a record that is a mean already weighs as many steps as it covers.
 */
export function mergeSteps(records: readonly StepRecord[], before: number): StepRecord {
  const last = records.at(-1)!
  if (records.length === 1) return last
  const weights = records.map(({ step }, index) => step - (records[index - 1]?.step ?? before))
  const all = weights.reduce((sum, weight) => sum + weight, 0)
  const meanOf = (pick: (record: StepRecord) => number) =>
    records.reduce((sum, record, index) => sum + weights[index]! * pick(record), 0) / all
  const meansOf = (pick: (record: StepRecord) => number[]) =>
    pick(last).map((_, position) => meanOf((record) => pick(record)[position]!))
  return {
    step: last.step,
    epoch: last.epoch,
    learningRate: meanOf((record) => record.learningRate),
    total: meanOf((record) => record.total),
    crossEntropy: meansOf((record) => record.crossEntropy),
    kl: meansOf((record) => record.kl),
    hint: meansOf((record) => record.hint),
    ...mergeWeighted(records, weights),
    trainAccuracy: meansOf((record) => record.trainAccuracy),
    gradientMagnitude: meansOf((record) => record.gradientMagnitude),
    imagesPerSecond: meanOf((record) => record.imagesPerSecond)
  }
}

/** Means of the weighted terms; absent where a record has none. */
function mergeWeighted(records: readonly StepRecord[], weights: readonly number[]): Pick<StepRecord, 'weighted'> {
  const names = [...new Set(records.flatMap(({ weighted }) => Object.keys(weighted ?? {})))] as LossTermName[]
  if (names.length === 0 || records.some(({ weighted }) => !weighted)) return {}
  const all = weights.reduce((sum, weight) => sum + weight, 0)
  const meanOf = (name: LossTermName) =>
    records.reduce((sum, { weighted }, index) => sum + weights[index]! * (weighted?.[name] ?? 0), 0) / all
  return { weighted: Object.fromEntries(names.map((name) => [name, meanOf(name)])) }
}

/**
 * The whole of a run's records (from step 1 on) in at most `most` points. As they are where they are few enough;
 * otherwise a quarter to a half of `most`, each of equally many steps, so that merging is seldom needed while a run goes
 * on.
 */
export function thinSteps(records: readonly StepRecord[], most = mostLivePoints): readonly StepRecord[] {
  if (records.length <= most) return records
  // Powers of two, so that what was merged before is merged whole.
  let width = 1
  while (records.at(-1)!.step / width > most / 2) width *= 2
  const points: StepRecord[] = []
  let start = 0
  for (const [index, { step }] of records.entries()) {
    const next = records[index + 1]
    if (next && bucketOf(next.step, width) === bucketOf(step, width)) continue
    points.push(mergeSteps(records.slice(start, index + 1), records[start - 1]?.step ?? 0))
    start = index + 1
  }
  return points
}

const bucketOf = (step: number, width: number): number => Math.ceil(step / width)

/** What a follower knows after news came: at most `mostLivePoints` points. */
export function joinLive(known: LiveHistory | null, news: LiveHistory, most = mostLivePoints): LiveHistory {
  if (known === null || news.isStart) return { ...news, isStart: true, steps: [...thinSteps(news.steps, most)] }
  const steps = [...thinSteps([...known.steps, ...news.steps], most)]
  return { isStart: true, header: news.header, steps, epochs: [...known.epochs, ...news.epochs] }
}
