import type { LibraryItem } from '../../src-shared/library.ts'
import { mean } from '../../src-shared/science/statistics.ts'

/** What the rail says of a stage's exit. */
export type RailStage = {
  /** 1-based. */
  exit: number
  hasExit: boolean
  /** Mean over the seeds, 0..1; null while not measured. */
  accuracy: number | null
  /** For instance `3.1 ×`: how many times less it computes than the full network; empty for the deepest. */
  acceleration: string
  /** For instance `12.3 M multiply-adds, 0.04 M parameters`; empty where unknown. */
  cost: string
}

const meanOf = (values: (number | null | undefined)[]): number | null => {
  const known = values.filter((value) => value != null)
  return known.length > 0 ? mean(known) : null
}
const millions = (value: number) => `${(value / 1e6).toPrecision(3)} M`

/** The exit rail of a subject: a stage each up to `stages`, values as means over its seeds. */
export function railOf(
  items: readonly LibraryItem[],
  stages: number
): { stages: RailStage[]; ensemble: number | null; note: string } {
  const list = Array.from({ length: stages }, (_, index): RailStage => {
    const exit = index + 1
    const found = items.flatMap((item) => item.exits.filter((one) => one.exit === exit))
    const [first] = found
    return {
      exit,
      hasExit: found.length > 0,
      accuracy: meanOf(found.map(({ accuracy }) => accuracy)),
      acceleration: first && first.acceleration > 1.001 ? `${first.acceleration.toFixed(1)} × faster` : '',
      cost:
        first && first.multiplyAdds > 0
          ? `${millions(first.multiplyAdds)} multiply-adds, ${millions(first.parameters)} parameters`
          : ''
    }
  })
  const measuredOn = [...new Set(items.map(({ evaluatedOn }) => evaluatedOn).filter(Boolean))]
  return {
    stages: list,
    ensemble: meanOf(items.map(({ ensembleAccuracy }) => ensembleAccuracy)),
    note: measuredOn.length === 0 ? 'not evaluated yet' : measuredOn.join('; ')
  }
}
