import type { LibraryItem } from '../../src-shared/library.ts'
import type { ProbeReport, Protocol } from '../../src-shared/reports.ts'
import {
  judgeDifference,
  pairedDifference,
  type Difference,
  type Verdict
} from '../../src-shared/science/paired-difference.ts'
import { judgeFlatness, type FlatnessVerdict } from '../../src-shared/science/flatness-verdict.ts'
import { mean } from '../../src-shared/science/statistics.ts'
import type { ViewName } from '../session.svelte.ts'

/** A group of seeds as the overview compares it. */
export type OverviewSubject = { name: string; items: LibraryItem[] }

/** What has been measured of the subjects; null where it has not. */
export type Measured = {
  discriminativeness: ProbeReport<'discriminativeness'> | null
  flatness: ProbeReport<'flatness'> | null
  gradients: ProbeReport<'gradients'> | null
}

/** One number of every subject: by seed. */
export type ClaimRow = { subject: number; values: ReadonlyMap<number, number> }

/** A claim of the literature, and what these checkpoints say about it. */
export type Claim = {
  id: string
  text: string
  /** The view that shows it in full. */
  view: ViewName
  /** What is compared, with its unit: the axis of the small figure. */
  axis: string
  rows: ClaimRow[]
  /** Subjects that are compared: positions of the reference and of the one that the claim is about. */
  reference: number
  treatment: number
  difference: Difference
  /** The difference in words, with its unit. */
  effect: string
  verdict: Verdict
  /** One more thing to know; may be empty. */
  note: string
}

type Read = (group: string, seed: number) => number
type Draft = Pick<Claim, 'id' | 'text' | 'view' | 'axis'> & {
  claimed: 'higher' | 'lower'
  read: Read
  digits: number
  unit: string
  note?: string
  /** The verdict where more than this number decides it. */
  verdict?: Verdict
  /** Why the numbers can't be compared at all, a sentence. */
  obstacle?: string
}

/** Positions of the two subjects that claims are about: the self-distilled (or the last), and the baseline (or the first other). */
export function choosePair(subjects: readonly OverviewSubject[]): { reference: number; treatment: number } | null {
  if (subjects.length < 2) return null
  const withRole = (role: string) => subjects.findIndex(({ items }) => items[0]?.role === role)
  const distilled = withRole('self-distillation')
  const treatment = distilled >= 0 ? distilled : subjects.length - 1
  const baseline = withRole('baseline')
  const reference = baseline >= 0 && baseline !== treatment ? baseline : treatment === 0 ? 1 : 0
  return { reference, treatment }
}

/** All claims that can be spoken of with what has been measured. */
export function claimsOf(subjects: readonly OverviewSubject[], measured: Measured): Claim[] {
  const pair = choosePair(subjects)
  if (!pair) return []
  const reference = subjects[pair.reference]!
  const treatment = subjects[pair.treatment]!
  const drafts = [
    ...accuracyClaims(subjects, reference, treatment),
    ...densityClaims(measured.discriminativeness),
    ...flatnessClaims(measured.flatness, reference.name, treatment.name),
    ...gradientClaims(measured.gradients)
  ]
  return drafts.map((draft) => finish(draft, subjects, pair))
}

function finish(
  draft: Draft,
  subjects: readonly OverviewSubject[],
  pair: { reference: number; treatment: number }
): Claim {
  const { id, text, view, axis, claimed, read, digits, unit, note = '', obstacle = '' } = draft
  const valuesOf = (read: Read, subject: number) => {
    const { name, items } = subjects[subject]!
    return new Map(
      items.map(({ seed }) => [seed, read(name, seed)] as const).filter(([, value]) => Number.isFinite(value))
    )
  }
  const rows = subjects.map((_, subject) => ({ subject, values: valuesOf(read, subject) }))
  const difference = pairedDifference(valuesOf(read, pair.reference), valuesOf(read, pair.treatment))
  const hasRepeats = [pair.reference, pair.treatment].some((index) => {
    const { items } = subjects[index]!
    return new Set(items.map(({ seed }) => seed)).size < items.length
  })
  const why = obstacle || (hasRepeats ? 'A seed occurs twice in a subject, so seeds can’t be paired.' : '')
  const verdict = why ? 'untestable' : (draft.verdict ?? judgeDifference(difference, claimed))
  const number = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`
  const interval = Number.isFinite(difference.low) ? ` (${number(difference.low)} to ${number(difference.high)})` : ''
  const effect = Number.isFinite(difference.mean) ? `${number(difference.mean)}${unit}${interval}` : 'not measured'
  return { id, text, view, axis, rows, ...pair, difference, effect, verdict, note: why || note }
}

const nameOf = ({ name, items }: OverviewSubject) => (items[0]?.role === 'baseline' ? 'baseline' : name)

function accuracyClaims(
  subjects: readonly OverviewSubject[],
  reference: OverviewSubject,
  treatment: OverviewSubject
): Draft[] {
  const itemOf = (group: string, seed: number) =>
    subjects.find(({ name }) => name === group)?.items.find((item) => item.seed === seed)
  const accuracyAt = (item: LibraryItem | undefined, exit: number | 'deepest') => {
    const found = exit === 'deepest' ? item?.exits.at(-1) : item?.exits.find((one) => one.exit === exit)
    return 100 * (found?.accuracy ?? NaN)
  }
  const deepest: Read = (group, seed) => accuracyAt(itemOf(group, seed), 'deepest')
  const measuredOn = new Set([reference, treatment].flatMap(({ items }) => items.map(({ evaluatedOn }) => evaluatedOn)))
  measuredOn.delete('')
  const obstacle = measuredOn.size > 1 ? 'Their accuracies were measured on different images.' : ''
  const claims: Draft[] = [
    {
      id: 'accuracy',
      text:
        treatment.items[0]?.role === 'self-distillation'
          ? 'Self-distillation makes the deepest exit more accurate'
          : `The deepest exit of ${treatment.name} is more accurate`,
      view: 'learns',
      axis: 'Accuracy of the deepest exit (%)',
      claimed: 'higher',
      read: deepest,
      digits: 1,
      unit: ' points',
      obstacle
    }
  ]
  const known = ({ items }: OverviewSubject, exit: number | 'deepest') =>
    items.map((item) => accuracyAt(item, exit)).filter(Number.isFinite)
  const baseline = mean(known(reference, 'deepest'))
  const shallow = treatment.items[0]?.exits.slice(0, -1) ?? []
  const reaching = shallow.find(({ exit }) => mean(known(treatment, exit)) >= baseline) ?? shallow.at(-1)
  if (reaching)
    claims.push({
      id: 'shallow',
      text: `Exit ${reaching.exit} alone is as good as the whole ${nameOf(reference)}`,
      view: 'overview',
      axis: `Accuracy of exit ${reaching.exit}, of the ${nameOf(reference)} its deepest (%)`,
      claimed: 'higher',
      read: (group, seed) => {
        const own = accuracyAt(itemOf(group, seed), reaching.exit)
        return group !== reference.name && Number.isFinite(own) ? own : deepest(group, seed)
      },
      digits: 1,
      unit: ' points',
      obstacle,
      ...(reaching.multiplyAdds > 0 ? { note: `It computes ${reaching.acceleration.toFixed(1)} times less.` } : {})
    })
  return claims
}

function densityClaims(report: Measured['discriminativeness']): Draft[] {
  if (!report) return []
  const read: Read = (group, seed) =>
    report.checkpoints.find((entry) => entry.group === group && entry.seed === seed)?.exits.at(-1)?.ratio ?? NaN
  return [
    {
      id: 'density',
      text: 'Its classes are denser',
      view: 'knows',
      axis: 'SSE / SSB at the deepest exit',
      claimed: 'lower',
      read,
      digits: 2,
      unit: '',
      note: 'In the features themselves, not on a map.'
    }
  ]
}

/** What the three protocols say together of the claim that the second of the pair is flatter. */
function verdictOf({ kind, flatter }: FlatnessVerdict): Verdict {
  if (kind === 'flatter') return flatter === 1 ? 'holds' : 'fails'
  return kind === 'untested' || kind === 'unknown' ? 'untestable' : 'unclear'
}

function flatnessClaims(report: Measured['flatness'], reference: string, treatment: string): Draft[] {
  if (!report) return []
  const readAt =
    (protocol: Protocol, drop: number): Read =>
    (group, seed) => {
      const entry = report.checkpoints.find((one) => one.group === group && one.seed === seed)
      const deepest = Math.max(...(entry?.exits.map(({ exit }) => exit) ?? [0]))
      const rows = entry?.drops.filter((row) => row.exit === deepest && row.protocol === protocol && row.drop === drop)
      return (rows?.find(({ split }) => split === 'test') ?? rows?.[0])?.sigma ?? NaN
    }
  const has = (protocol: Protocol) => report.request.protocols.includes(protocol)
  const main: Protocol = has('b') ? 'b' : (report.request.protocols[0] ?? 'b')
  const membersOf = (group: string) => report.checkpoints.filter((entry) => entry.group === group)
  const split = report.request.split === 'both' ? 'test' : report.request.split
  const verdict = verdictOf(judgeFlatness([membersOf(reference), membersOf(treatment)], split))
  return [
    {
      id: 'flatness',
      text: 'Its minimum is flatter',
      view: 'flat',
      axis: `σ at a drop of 10 points, protocol ${main.toUpperCase()}`,
      claimed: 'higher',
      read: readAt(main, 10),
      verdict,
      digits: 3,
      unit: '',
      note: has('a') && has('b') ? 'Absolute and relative noise must agree.' : 'Needs protocols A and B.'
    }
  ]
}

function gradientClaims(report: Measured['gradients']): Draft[] {
  if (!report) return []
  const read: Read = (group, seed) => {
    const entry = report.checkpoints.find((one) => one.group === group && one.seed === seed)
    const first = entry?.layers.filter(
      ({ stage, part, role }) => stage === 1 && part === 'backbone' && role === 'convolution'
    )
    return first && first.length > 0 ? mean(first.map(({ relative }) => relative)) : NaN
  }
  return [
    {
      id: 'gradients',
      text: 'Gradients reach the first stage better',
      view: 'gradients',
      axis: 'Mean |gradient|, stage 1 over last convolution',
      claimed: 'higher',
      read,
      digits: 2,
      unit: '',
      note: 'Relative: several losses summed are larger than one.'
    }
  ]
}
