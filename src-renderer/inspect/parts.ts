import type { LabResult } from '../../src-shared/lab-contract.ts'
import { formatShort } from '../train/quantities.ts'

export type Inspection = LabResult<'inspect'>

/** A part of a network whose tensors can be looked at alone. */
export type PartFilter = { part: 'backbone' | 'head'; stage: number }

/** A box of the network's map: the stem or a stage, with the exit that hangs on it. */
export type MapPart = {
  title: string
  /** Height, width and channels of what it gives, for instance `16×16×64`; empty where unknown. */
  shape: string
  /** For instance `148 k parameters`; empty where unknown. */
  cost: string
  filter: PartFilter
  exit: { exit: number; text: string; cost: string; filter: PartFilter } | null
}

/** The network from its input to its deepest exit; none of a file that is no network. */
export function mapOf({ stem, stages, exits, tensors }: Inspection): MapPart[] {
  const depth = Math.max(stages.length, ...exits.map(({ exit }) => exit), 0)
  const has = (filter: PartFilter) => tensors.some((tensor) => isOf(tensor, filter))
  const parts = Array.from({ length: depth }, (_, index): MapPart => {
    const stage = index + 1
    const cost = stages[index]
    const exit = exits.find((one) => one.exit === stage)
    const backbone = stages.slice(0, stage).reduce((sum, { parameters }) => sum + parameters, stem?.parameters ?? 0)
    return {
      title: stages.length > 0 ? `Stage ${stage}` : `Up to exit ${stage}`,
      ...describePart(cost),
      filter: { part: 'backbone', stage },
      exit: exit
        ? {
            exit: stage,
            text: stage === depth ? 'whole network' : `${formatFactor(exit.acceleration)} faster`,
            cost: cost ? `head ${formatShort(exit.parameters - backbone)}` : '',
            filter: { part: 'head', stage }
          }
        : null
    }
  })
  const stemFilter: PartFilter = { part: 'backbone', stage: 0 }
  const before = depth > 0 && has(stemFilter) ? [{ title: 'Stem', ...describePart(stem ?? undefined) }] : []
  return [...before.map((part) => ({ ...part, filter: stemFilter, exit: null })), ...parts]
}

/** How many times less is computed, for instance `3.1 ×`. */
export const formatFactor = (value: number): string =>
  value === 1
    ? '1 ×'
    : Number.isFinite(value)
      ? `${value >= 9.95 ? value.toFixed(0) : value.toFixed(value < 1.095 ? 2 : 1)} ×`
      : '–'

const describePart = (part: Inspection['stages'][number] | undefined): Pick<MapPart, 'shape' | 'cost'> =>
  part
    ? { shape: `${part.size}×${part.size}×${part.channels}`, cost: `${formatShort(part.parameters)} parameters` }
    : { shape: '', cost: '' }

/** Whether a tensor belongs to a part; one whose place is unknown belongs to none. */
export const isOf = (tensor: { part?: string | undefined; stage?: number | undefined }, filter: PartFilter): boolean =>
  tensor.part === filter.part && tensor.stage === filter.stage

type Placed = { part?: string | undefined; stage?: number | undefined; role?: string | undefined }

/**
 * Tensors along the network: stem, stages, then the exits' heads; within each as they were, counters last. What has no place
 * stands at the end.
 */
export function alongNetwork<R extends Placed>(rows: readonly R[]): R[] {
  const placeOf = ({ part, stage = 0, role }: R) =>
    part === undefined ? Infinity : (part === 'head' ? 1e6 : 0) + 2 * stage + (role === 'counter' ? 1 : 0)
  return rows.toSorted((a, b) => {
    const [one, other] = [placeOf(a), placeOf(b)]
    return one === other ? 0 : one - other
  })
}

/** For instance `stage 2` or `head of exit 2`; empty where unknown. */
export function describePlace({ part, stage }: { part?: string | undefined; stage?: number | undefined }): string {
  if (part === undefined || stage === undefined) return ''
  if (part === 'head') return `head of exit ${stage}`
  return stage === 0 ? 'stem' : `stage ${stage}`
}
