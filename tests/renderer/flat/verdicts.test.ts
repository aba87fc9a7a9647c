import { describe, expect, it } from 'vitest'
import { isDispute, judgeSubjects, summarizeVerdicts } from '../../../src-renderer/flat/verdicts.ts'
import { makeFlatness } from '../../figures/fixture-reports.ts'

type Sigmas = Partial<Record<'a' | 'b' | 'c', number[]>>

/** A report of groups whose seeds reach the drop of 10 points at these sigmas. */
function makeReport(groups: Record<string, Sigmas>) {
  const names = Object.keys(groups)
  const seedsOf = (group: string) => Object.values(groups[group]!)[0]!.map((_, seed) => seed)
  const subjects = names.flatMap((group) => seedsOf(group).map((seed) => ({ name: `${group} ${seed}`, group, seed })))
  const report = makeFlatness({ subjects, exits: 1 })
  for (const entry of report.checkpoints)
    entry.drops = (['a', 'b', 'c'] as const).flatMap((protocol) => {
      const sigma = groups[entry.group]![protocol]?.[entry.seed]
      return sigma === undefined ? [] : [{ exit: 1, split: 'test' as const, protocol, drop: 10, sigma }]
    })
  return report
}
const low = [1, 1.1, 1.2]
const high = [2, 2.1, 2.21]
const textsOf = (groups: Record<string, Sigmas>) => judgeSubjects(makeReport(groups)).map(({ text }) => text)

describe('the sentence on two subjects', () => {
  it.each<[string, Sigmas, Sigmas, string]>([
    [
      'flatter',
      { a: low, b: low, c: low },
      { a: high, b: high, c: high },
      'y is flatter than x: it stands more noise under A and under B, beyond what seeds explain; C agrees.'
    ],
    [
      'flatter, C open',
      { a: low, b: low, c: low },
      { a: high, b: high, c: low },
      'y is flatter than x: it stands more noise under A and under B, beyond what seeds explain; C leaves it open.'
    ],
    [
      'flatter without C',
      { a: high, b: high },
      { a: low, b: low },
      'x is flatter than y: it stands more noise under A and under B, beyond what seeds explain; C was not measured.'
    ],
    [
      'contradicted',
      { a: low, b: low, c: high },
      { a: high, b: high, c: low },
      'A and B call y flatter than x, but C, with BatchNorm re-estimated, says the opposite: neither may be called flatter.'
    ],
    [
      'disagree',
      { a: low, b: high },
      { a: high, b: low },
      'Protocols A and B disagree: y stands more noise under A, x under B. Neither may be called flatter.'
    ],
    [
      'disagree',
      { a: [1], b: [2] },
      { a: [2], b: [1] },
      'Protocols A and B disagree: y stands more noise under A, x under B. Neither may be called flatter; fewer than two common seeds cannot test it.'
    ],
    [
      'untested',
      { a: [1], b: [1] },
      { a: [2], b: [2] },
      'A and B both point to y as flatter than x, but fewer than two common seeds cannot test it.'
    ],
    [
      'unclear',
      { a: low, b: low },
      { a: high, b: low },
      'x and y: seeds differ as much as the two do under B, so neither may be called flatter.'
    ],
    [
      'unclear',
      { a: low, b: low },
      { a: low, b: low },
      'x and y: seeds differ as much as the two do under A and B, so neither may be called flatter.'
    ],
    [
      'unclear',
      { a: [1], b: [1] },
      { a: [2], b: [1] },
      'x and y: no difference under B, and fewer than two common seeds cannot test it.'
    ],
    [
      'unknown',
      { a: low },
      { a: high },
      'x and y: flatter is what A and B agree on, and under B there is no drop that all of them reach.'
    ]
  ])('%s', (_name, x, y, text) => {
    expect(textsOf({ x, y })).toEqual([text])
  })

  it('is said of every pair of three, disagreements first, and of more only against the first', () => {
    const pairs = textsOf({ x: { a: low, b: low }, y: { a: high, b: high }, z: { a: high, b: [0.1, 0.11, 0.12] } })
    expect(pairs).toHaveLength(3)
    expect(pairs[0]).toMatch(/^Protocols A and B disagree: z .* under A, x under B/)
    const one = { a: low, b: low }
    expect(textsOf({ x: one, y: one, z: one, u: one })).toHaveLength(3)
    expect(textsOf({ x: one })).toEqual([])
  })

  it('warns where protocols contradict one another', () => {
    expect((['disagree', 'contradicted', 'flatter', 'untested', 'unclear', 'unknown'] as const).map(isDispute)).toEqual(
      [true, true, false, false, false, false]
    )
  })

  it('is one sentence for all pairs: what contradicts, else who is flatter, else why nobody is', () => {
    const summarize = (groups: Record<string, Sigmas>) => summarizeVerdicts(judgeSubjects(makeReport(groups)))
    const weak = { a: low, b: low }
    const strong = { a: high, b: high }
    const odd = { a: high, b: [0.1, 0.11, 0.12] }
    expect(summarize({ x: weak, y: strong, z: odd })).toMatch(/^Protocols A and B disagree: z /)
    expect(summarize({ x: weak, y: strong, z: weak })).toMatch(/^y is flatter than x/)
    expect(summarize({ x: weak, y: weak, z: weak })).toBe(
      'None of the subjects may be called flatter than another: under A, B or both, seeds differ as much as they do.'
    )
    expect(summarize({ x: { a: [1], b: [1] }, y: { a: [2], b: [2] }, z: { a: [3], b: [3] } })).toBe(
      'Which subject is flatter: fewer than two common seeds cannot test it.'
    )
    expect(summarize({ x: { a: low }, y: { a: low }, z: { a: low } })).toBe(
      'Which subject is flatter is unknown: A and B must both show a drop that all of them reach.'
    )
    expect(summarize({ x: weak, y: weak, z: { a: low } })).toBe(
      'None of the subjects may be called flatter than another.'
    )
    expect(summarize({ x: weak })).toBe('')
  })
})
