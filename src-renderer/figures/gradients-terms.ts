import type { ProbeReport } from '../../src-shared/reports.ts'

type Entry = ProbeReport<'gradients'>['checkpoints'][number]
type Term = Pick<Entry['terms'][number], 'term' | 'exit'>
/** `total`, or a term of the loss at an exit, for instance `kl-2`. */
export type GradientsTerm = string

const order: readonly Term['term'][] = ['crossEntropy', 'kl', 'hint']
const names: Record<Term['term'], string> = { crossEntropy: 'cross entropy', kl: 'KL', hint: 'hint' }

/** The word for a term, as options have it. */
export const termKey = ({ term, exit }: Term): GradientsTerm => `${term}-${exit}`

/** All terms that any checkpoint's loss has: by kind, then by exit. */
export function termsOfReport({ checkpoints }: { checkpoints: readonly Entry[] }): Term[] {
  const found = new Map(checkpoints.flatMap(({ terms }) => terms.map((term) => [termKey(term), term] as const)))
  return [...found.values()]
    .map(({ term, exit }) => ({ term, exit }))
    .sort((a, b) => order.indexOf(a.term) - order.indexOf(b.term) || a.exit - b.exit)
}

/** For instance `cross entropy at exit 2`. */
export const describeTerm = ({ term, exit }: Term): string => `${names[term]} at exit ${exit}`

/** The term of an entry that a word names; undefined where its loss has none. */
export const findTerm = ({ terms }: Entry, key: GradientsTerm): Entry['terms'][number] | undefined =>
  terms.find((term) => termKey(term) === key)
