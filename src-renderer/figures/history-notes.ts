import type { LossTermName } from '../../src-shared/reports.ts'
import type { HistorySeries } from './history-series.ts'
import { joinSentences } from './notes.ts'
import { ellipsize } from './text-width.ts'
import { fontSize } from './theme.ts'

/** Terms as a sentence names them; labels, or the outputs that stand in their place, may well be most of the loss. */
const termWords: Partial<Record<LossTermName, string>> = {
  kl: 'KL',
  hint: 'hint',
  attention: 'attention term',
  mutual: 'mutual term'
}
const mostNames = 3
const widestName = 180

function listNames(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).map((name) => ellipsize(name, widestName, fontSize.small))
  const rest = names.length - shown.length
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`
  return shown.length > 1 ? `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}` : (shown[0] ?? '')
}

/** Sentences on terms that pass half of the loss: then labels count for little, and a weight is large. */
export function describeDominance({ rows, subjects }: Pick<HistorySeries, 'rows' | 'subjects'>): string {
  const sentences = rows.flatMap(({ panels }) =>
    panels.flatMap(({ term, curves }) => {
      const word = term && termWords[term]
      if (word === undefined) return []
      const always: string[] = []
      const sometimes: string[] = []
      for (const { subject, points } of curves) {
        const above = points.filter(({ y }) => y > 50).length
        const name = subjects[subject]?.label ?? ''
        if (above > 0) (above === points.length ? always : sometimes).push(name)
      }
      const sentence = (when: string, names: string[]): string =>
        names.length > 0 ? `The ${word} is ${when}more than half of the loss of ${listNames(names)}.` : ''
      return [sentence('', always), sentence('at times ', sometimes)]
    })
  )
  return joinSentences(...sentences)
}

/** Sentence on what the axis of a cost counts; empty for epochs and steps. */
export function describeUnit({ xUnit }: Pick<HistorySeries, 'xUnit'>): string {
  if (xUnit === 'seconds') return 'Training time: that of all steps, without testing, what teaches included.'
  if (xUnit === 'multiply-adds') return 'Multiply-adds: those of all steps, forward and back, what teaches included.'
  return ''
}

/** Sentence on the lines between rounds; empty where there are none. */
export const describeRounds = ({ rounds }: Pick<HistorySeries, 'rounds'>): string =>
  rounds.length > 0 ? 'Upright lines: the rounds, each with a new network.' : ''
