import type { Network } from '../../model/layer.ts'
import { tensorSpecs } from '../../model/tensor-specs.ts'
import { isUnused } from './compare-tensors.ts'
import { splitName, type Shapes } from './shapes.ts'

/** Names in a file by our names of layers, or of what several begin with; an empty name stands for what all begin with. */
export type KeyMap = ReadonlyMap<string, string>

/** The file's name of a layer: where several entries fit, the longest decides; a layer that none fits keeps its name. */
export function mapName(keys: KeyMap, layer: string): string {
  const parts = layer.split('.')
  for (let count = parts.length; count >= 0; count--) {
    const found = keys.get(parts.slice(0, count).join('.'))
    if (found !== undefined) return [found, ...parts.slice(count)].filter(Boolean).join('.')
  }
  return layer
}

/** A layer of a list of tensors, and what it has: the last part and the shape of each. */
type Named = { layer: string; signature: string }

/** How far ahead in the file a layer's like is looked for. */
const farthest = 60

/**
 * Our layers beside those of the file. A file keeps the order in which its network was defined, unless its names lie in
 * alphabetical order, as safetensors has them. Where both lists are alike from end to end, in their kinds of tensors and
 * shapes, `isSure`; else this is a guess. Entries that say nothing are left out.
 */
export function suggestKeys(network: Network, tensors: Shapes): { keys: Map<string, string>; isSure: boolean } {
  const own = layersOf(tensorSpecs(network))
  const file = layersOf([...tensors].map(([name, { shape }]) => ({ name, shape })))
  const isSorted = file.every(({ layer }, index) => index === 0 || file[index - 1]!.layer <= layer)
  const found = isSorted ? pairByKind(own, file) : pairInOrder(own, file)
  const isAlike =
    own.length === file.length && own.every(({ signature }, index) => signature === file[index]!.signature)
  return { keys: new Map([...found].filter(([layer, other]) => layer !== other)), isSure: isAlike && !isSorted }
}

/** Each with the next of its kind. */
function pairInOrder(own: readonly Named[], file: readonly Named[]): Map<string, string> {
  const pairs = new Map<string, string>()
  let next = 0
  for (const { layer, signature } of own) {
    const ahead = file.slice(next, next + farthest).findIndex((other) => other.signature === signature)
    if (ahead < 0) continue
    pairs.set(layer, file[next + ahead]!.layer)
    next += ahead + 1
  }
  return pairs
}

/** Among all that have the same tensors, the first with the first, as their names are numbered. */
function pairByKind(own: readonly Named[], file: readonly Named[]): Map<string, string> {
  const byNumber = new Intl.Collator('en', { numeric: true })
  const kinds = new Map<string, Named[]>()
  for (const layer of file.toSorted((a, b) => byNumber.compare(b.layer, a.layer))) {
    const alike = kinds.get(layer.signature)
    if (alike) alike.push(layer)
    else kinds.set(layer.signature, [layer])
  }
  const pairs = new Map<string, string>()
  for (const { layer, signature } of own) {
    const found = kinds.get(signature)?.pop()
    if (found) pairs.set(layer, found.layer)
  }
  return pairs
}

function layersOf(tensors: readonly { name: string; shape: number[] }[]): Named[] {
  const layers = new Map<string, string[]>()
  for (const { name, shape } of tensors) {
    if (isUnused(name)) continue
    const [layer, last] = splitName(name)
    const parts = layers.get(layer)
    if (parts) parts.push(`${last} ${shape.join('x')}`)
    else layers.set(layer, [`${last} ${shape.join('x')}`])
  }
  return [...layers].map(([layer, parts]) => ({ layer, signature: parts.sort().join(', ') }))
}
