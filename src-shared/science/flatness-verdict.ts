import { pairedDifference } from './paired-difference.ts'
import { mean } from './statistics.ts'

type Protocol = 'a' | 'b' | 'c'
type Split = 'train' | 'test' | 'given'

/** The sigma at which one network's accuracy has fallen by `drop` points below its own at sigma 0; NaN where it never does. */
export type SigmaOfDrop = { exit: number; split: Split; protocol: Protocol; drop: number; sigma: number }
/** One network of a method that is judged. */
export type ShakenNetwork = { seed: number; drops: readonly SigmaOfDrop[] }
/** The two methods that are compared; an index into this pair names one of them. */
export type Pair = readonly [readonly ShakenNetwork[], readonly ShakenNetwork[]]

/** What one protocol says of a pair. */
export type ProtocolView = {
  /** Percentage points at which the sigmas are compared. */
  drop: number
  /** Mean over the seeds, of either. */
  sigmas: readonly [number, number]
  /** Which of the pair stands more noise on average; null where they are equal. */
  flatter: 0 | 1 | null
  /** True where the 95 % interval of the paired difference over common seeds leaves out zero. */
  isClear: boolean
  /** Seeds that both have: from two on a difference can be tested. */
  commonSeeds: number
}

/**
 * `flatter`: A and B agree clearly, and C does not contradict. `contradicted`: they agree, but C clearly says the
 * opposite. `disagree`: A and B say the opposite of each other, clearly or where it cannot be tested. `untested`: A and B
 * point the same way, but fewer than two common seeds cannot test it. `unclear`: A or B does not say clearly. `unknown`: A
 * or B was not measured, or no drop is reached by all.
 */
export type FlatnessVerdict = {
  kind: 'flatter' | 'contradicted' | 'disagree' | 'untested' | 'unclear' | 'unknown'
  /** Whom A points to; null where the kind is `unclear` or `unknown`. */
  flatter: 0 | 1 | null
  isTested: boolean
  views: Record<Protocol, ProtocolView | null>
}

/** Drops that are compared, the first one that every network reaches. */
const comparedDrops = [10, 5, 1] as const

/** The sigma of a drop at the network's own deepest exit; NaN where it was not measured or not reached. */
function sigmaOf({ drops }: ShakenNetwork, protocol: Protocol, split: Split, drop: number): number {
  const rows = drops.filter((row) => row.protocol === protocol && row.split === split)
  const deepest = Math.max(...rows.map(({ exit }) => exit))
  return rows.find((row) => row.exit === deepest && row.drop === drop)?.sigma ?? NaN
}

function viewOf(pair: Pair, protocol: Protocol, split: Split): ProtocolView | null {
  for (const drop of comparedDrops) {
    const [first, second] = pair.map((networks) =>
      networks.map((one): [number, number] => [one.seed, sigmaOf(one, protocol, split, drop)])
    )
    if (!first?.length || !second?.length || ![...first, ...second].every(([, sigma]) => Number.isFinite(sigma)))
      continue
    const sigmas = [mean(first.map(([, sigma]) => sigma)), mean(second.map(([, sigma]) => sigma))] as const
    const { mean: paired, low, high, count } = pairedDifference(new Map(first), new Map(second))
    const difference = count > 1 ? paired : sigmas[1] - sigmas[0]
    const flatter = difference > 0 ? 1 : difference < 0 ? 0 : null
    return { drop, sigmas, flatter, isClear: low > 0 || high < 0, commonSeeds: count }
  }
  return null
}

/**
 * Which of two methods has the flatter minima at its deepest exit, judged by the weight noise that costs a network 10
 * points of its own accuracy (5 or 1 where 10 is not reached by all). 'Flatter' holds only where the protocols A and B
 * agree and C does not contradict.
 */
export function judgeFlatness(pair: Pair, split: Split): FlatnessVerdict {
  const [a, b, c] = [viewOf(pair, 'a', split), viewOf(pair, 'b', split), viewOf(pair, 'c', split)]
  const isTested = [a, b].every((view) => view !== null && view.commonSeeds > 1)
  const give = (kind: FlatnessVerdict['kind'], flatter: 0 | 1 | null = null): FlatnessVerdict => ({
    kind,
    flatter,
    isTested,
    views: { a, b, c }
  })
  if (a === null || b === null) return give('unknown')
  if (a.flatter === null || b.flatter === null || (isTested && !(a.isClear && b.isClear))) return give('unclear')
  if (a.flatter !== b.flatter) return give('disagree', a.flatter)
  if (!isTested) return give('untested', a.flatter)
  return give(c?.isClear && c.flatter !== a.flatter ? 'contradicted' : 'flatter', a.flatter)
}
