import type { ProbeReport } from '../../src-shared/reports.ts'
import { judgeFlatness, type FlatnessVerdict } from '../../src-shared/science/flatness-verdict.ts'
import { groupSubjects } from '../figures/subjects.ts'
import { splitsOf } from './shown-part.ts'

/** What A, B and C say of two subjects, in one sentence. */
export type PairVerdict = { kind: FlatnessVerdict['kind']; text: string }

/** Up to so many subjects every pair is judged; of more only those with the first. */
const mostPaired = 3

const untestable = 'fewer than two common seeds cannot test it'

/** One sentence on a pair; `names` in the order that the verdict was asked for. */
export function describeVerdict(
  { kind, flatter, isTested, views }: FlatnessVerdict,
  names: readonly [string, string]
): string {
  const winner = names[flatter ?? 0]
  const loser = names[flatter === 1 ? 0 : 1]
  const pair = `${names[0]} and ${names[1]}`
  const protocols = (isMeant: (view: FlatnessVerdict['views']['a']) => boolean): string =>
    (['a', 'b'] as const)
      .filter((name) => isMeant(views[name]))
      .map((name) => name.toUpperCase())
      .join(' and ')
  switch (kind) {
    case 'flatter': {
      const { c } = views
      const third = c === null ? 'C was not measured' : c.isClear ? 'C agrees' : 'C leaves it open'
      return `${winner} is flatter than ${loser}: it stands more noise under A and under B, beyond what seeds explain; ${third}.`
    }
    case 'contradicted':
      return `A and B call ${winner} flatter than ${loser}, but C, with BatchNorm re-estimated, says the opposite: neither may be called flatter.`
    case 'disagree':
      return `Protocols A and B disagree: ${winner} stands more noise under A, ${loser} under B. Neither may be called flatter${isTested ? '' : `; ${untestable}`}.`
    case 'untested':
      return `A and B both point to ${winner} as flatter than ${loser}, but ${untestable}.`
    case 'unclear':
      return isTested
        ? `${pair}: seeds differ as much as the two do under ${protocols((view) => !view?.isClear)}, so neither may be called flatter.`
        : `${pair}: no difference under ${protocols((view) => view?.flatter === null)}, and ${untestable}.`
    case 'unknown':
      return `${pair}: flatter is what A and B agree on, and under ${protocols((view) => view === null)} there is no drop that all of them reach.`
  }
}

/** What the protocols say of the subjects of a report at their deepest exits, disagreements first; none of one subject. */
export function judgeSubjects(report: ProbeReport<'flatness'>): PairVerdict[] {
  const [split = 'test'] = splitsOf(report)
  const subjects = groupSubjects(report.checkpoints)
  const pairs = subjects.flatMap((first, i) =>
    subjects
      .slice(i + 1)
      .flatMap((second) => (i === 0 || subjects.length <= mostPaired ? [[first, second] as const] : []))
  )
  const verdicts = pairs.map(([first, second]) => {
    const verdict = judgeFlatness([first.members, second.members], split)
    const nameOf = ({ label, members }: typeof first) => members[0]?.group || label
    return { kind: verdict.kind, text: describeVerdict(verdict, [nameOf(first), nameOf(second)]) }
  })
  const rank = ({ kind }: PairVerdict) => (isDispute(kind) ? 0 : 1)
  return verdicts.sort((a, b) => rank(a) - rank(b))
}

/** True where protocols contradict one another: worth a warning. */
export const isDispute = (kind: PairVerdict['kind']): boolean => kind === 'disagree' || kind === 'contradicted'

/** One sentence on all pairs together: what contradicts, else who is flatter, else why nobody is. */
export function summarizeVerdicts(verdicts: readonly PairVerdict[]): string {
  const [first] = verdicts
  if (first === undefined) return ''
  const telling = verdicts.filter(({ kind }) => isDispute(kind))
  const holding = verdicts.filter(({ kind }) => kind === 'flatter')
  const [said] = telling.length > 0 ? telling : holding
  if (said) return said.text
  if (verdicts.length === 1) return first.text
  const kinds = new Set(verdicts.map(({ kind }) => kind))
  if (kinds.size > 1) return 'None of the subjects may be called flatter than another.'
  if (first.kind === 'untested') return `Which subject is flatter: ${untestable}.`
  if (first.kind === 'unknown')
    return 'Which subject is flatter is unknown: A and B must both show a drop that all of them reach.'
  return 'None of the subjects may be called flatter than another: under A, B or both, seeds differ as much as they do.'
}
