import { lossTermNames, type StepRecord } from '../../src-shared/reports.ts'

const most = 300

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Means of the weighted terms over the steps that have any; a term that a step lacks counts as zero. */
function meanWeighted(steps: readonly StepRecord[]): Pick<StepRecord, 'weighted'> {
  const known = steps.flatMap(({ weighted }) => weighted ?? [])
  if (known.length === 0) return {}
  const names = lossTermNames.filter((name) => known.some((terms) => terms[name] !== undefined))
  return { weighted: Object.fromEntries(names.map((name) => [name, meanOf(known.map((terms) => terms[name] ?? 0))])) }
}

/** Means of `count` consecutive steps each, so that at most 300 records are left; the last step of each names it. */
export function thinSteps(steps: readonly StepRecord[]): StepRecord[] {
  const count = Math.ceil(steps.length / most)
  if (count <= 1) return [...steps]
  const thinned: StepRecord[] = []
  for (let start = 0; start < steps.length; start += count) {
    const some = steps.slice(start, start + count)
    const last = some.at(-1)
    if (last === undefined) continue
    const scalar = (pick: (step: StepRecord) => number): number => meanOf(some.map(pick))
    const vector = (pick: (step: StepRecord) => number[]): number[] =>
      pick(last).map((_, i) => meanOf(some.map((step) => pick(step)[i] ?? NaN)))
    thinned.push({
      ...last,
      total: scalar(({ total }) => total),
      crossEntropy: vector(({ crossEntropy }) => crossEntropy),
      kl: vector(({ kl }) => kl),
      hint: vector(({ hint }) => hint),
      ...meanWeighted(some),
      trainAccuracy: vector(({ trainAccuracy }) => trainAccuracy),
      gradientMagnitude: vector(({ gradientMagnitude }) => gradientMagnitude)
    })
  }
  return thinned
}
