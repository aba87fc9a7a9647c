import { quote } from '../../pickle/values.ts'
import type { Comparison } from './compare-tensors.ts'
import type { Shapes } from './shapes.ts'

const mostNamed = 3

/** Why tensors are not those of a network with this title, the end of a sentence that begins with the file. */
export function explainMisfit(title: string, { missing, reshaped, unexpected }: Comparison): string {
  const needed = ({ found, needed }: Comparison['reshaped'][number]) =>
    `${shapeText(found)} where ${shapeText(needed)} is needed`
  const parts = [
    say(missing, quote, `has no tensor # that ${title} needs`, `lacks @ tensors that ${title} needs`),
    say(
      reshaped,
      (one) => `${quote(one.name)}, ${needed(one)}`,
      `has the tensor # in ${title}`,
      `has @ tensors in other shapes than ${title}`
    ),
    say(
      unexpected,
      quote,
      `has the tensor #, which ${title} does not have`,
      `has @ tensors that ${title} does not have`
    )
  ].filter((part) => part !== null)
  return `${[parts.slice(0, -1).join(', '), parts.at(-1)!].filter(Boolean).join(' and ')}.`
}

/** The end of a sentence about a file that is near to nothing. */
export function explainUnknown(tensors: Shapes): string {
  const names = [...tensors.keys()]
  const [is, so] = names.length === 1 ? ['its tensor is', ''] : ['its tensors are', ' and so on']
  const shown = names.slice(0, mostNamed).map(quote).join(', ')
  return `is not a network known here: ${is} ${shown}${names.length > mostNamed ? so : ''}.`
}

const shapeText = (shape: number[]): string => `[${shape.join(', ')}]`

/** One is told in a clause of its own, several by their count and the first few; null for none. */
function say<T>(items: readonly T[], text: (item: T) => string, one: string, many: string): string | null {
  const [first] = items
  if (first === undefined) return null
  if (items.length === 1) return one.replace('#', () => text(first))
  const shown = items.slice(0, mostNamed).map(text).join('; ')
  return `${many.replace('@', () => String(items.length))} (${shown}${items.length > mostNamed ? ' and so on' : ''})`
}
