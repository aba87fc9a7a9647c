import { UserError } from '../../../../src-shared/errors.ts'
import { imageLayout } from '../../data/image-layout.ts'
import { quote } from '../../pickle/values.ts'
import type { Contents, StoredTensor } from '../format.ts'
import { classNamesIn } from './class-names.ts'
import { readOutputName } from './output-names.ts'
import type { StoredOutputs } from './stored-outputs.ts'

const mostExits = 100
const mostClasses = 65_536
const mostImages = 2 ** 24
/** Of logits and features together, as float32. */
const mostBytes = 2 ** 31
const mostPixels = 2 ** 31 - 1

type Named = { name: string; tensor: StoredTensor }
/** Arrays of one kind by exit: a number as written, or null for all exits in one. */
type ByExit = Map<number | null, Named>

/**
 * The outputs of a network that a file's arrays are, by their names and shapes; null where they are something else. Of
 * arrays that are named so but do not fit together it throws UserError; no value is read.
 */
export function findOutputs(
  path: string,
  { tensors, notes }: Pick<Contents, 'tensors' | 'notes'>
): StoredOutputs | null {
  const found = {
    labels: new Map() as ByExit,
    images: new Map() as ByExit,
    logits: new Map() as ByExit,
    features: new Map() as ByExit
  }
  let others = 0
  for (const [name, tensor] of tensors) {
    const read = readOutputName(name)
    if (!read || read.role === 'classes') {
      others += 1
      continue
    }
    const exit = 'exit' in read ? read.exit : null
    const before = found[read.role].get(exit)
    if (before) throw new UserError(`${path} holds ${quote(before.name)} and ${quote(name)}; leave one of them out.`)
    found[read.role].set(exit, { name, tensor })
  }
  const labels = found.labels.get(null)
  const hasAny = labels !== undefined || found.logits.size > 0
  // A network's weights may well have a name in common with an output.
  if (!hasAny || ((!labels || !found.logits.size) && others > 0)) return null
  if (!labels)
    throw new UserError(`${path} holds logits but no labels; save them beside, as an array "labels" of whole numbers.`)
  if (!found.logits.size)
    throw new UserError(
      `${path} holds labels but no logits; save those of each exit as "logits1", "logits2" and so on.`
    )
  const count = countOf(path, labels)
  const logits = perExit(path, 'logits', found.logits, count)
  const features = perExit(path, 'features', found.features, count)
  const exits = numberExits(path, logits, features)
  const classes = classesOf(path, logits)
  requireModest(path, count, [...logits.values(), ...features.values()])
  return {
    labels: labels.tensor,
    exits,
    images: imagesIn(path, found.images.get(null), count),
    count,
    classes,
    classNames: classNamesIn(path, notes, classes)
  }
}

const shapeText = ({ shape }: StoredTensor) => shape.join(' x ') || 'one number'

function countOf(path: string, { name, tensor }: Named): number {
  const [count = 0, second = 1] = tensor.shape
  if (tensor.shape.length < 1 || tensor.shape.length > 2 || second !== 1)
    throw new UserError(`${path}: ${quote(name)} is ${shapeText(tensor)}; labels are one whole number an image.`)
  if (count < 1) throw new UserError(`${path}: ${quote(name)} holds no labels.`)
  if (count > mostImages) throw new UserError(`${path} holds ${count} labels; at most ${mostImages} are read.`)
  return count
}

/** Matrices by exit: each an array of its own [N,C], or all in one [K,N,C]. Throws UserError. */
function perExit(path: string, role: string, given: ByExit, count: number): Map<number, Named> {
  const together = given.get(null)
  if (together && given.size > 1)
    throw new UserError(`${path} holds ${quote(together.name)} and ${role} of single exits; leave one of them out.`)
  const parts = together ? split(path, together) : fromOne(given as Map<number, Named>)
  if (parts.size > mostExits)
    throw new UserError(`${path} holds ${role} of ${parts.size} exits; at most ${mostExits} are read.`)
  for (const { name, tensor } of parts.values()) {
    const [rows, columns = 0] = tensor.shape
    if (tensor.shape.length !== 2 || columns < 1)
      throw new UserError(`${path}: ${quote(name)} is ${shapeText(tensor)}; ${role} of an exit are a row an image.`)
    if (rows !== count) throw new UserError(`${path}: ${quote(name)} has ${rows} rows, but there are ${count} labels.`)
  }
  return parts
}

/** Exits counted from 0 as counted from 1. */
function fromOne(given: ReadonlyMap<number, Named>): Map<number, Named> {
  const first = given.has(0) ? 1 : 0
  return new Map([...given].map(([exit, named]) => [exit + first, named]))
}

function split(path: string, { name, tensor }: Named): Map<number, Named> {
  const [exits = 0, rows = 0, columns = 0] = tensor.shape
  if (tensor.shape.length !== 3) return new Map([[1, { name, tensor }]])
  if (exits < 1 || exits > mostExits)
    throw new UserError(`${path}: ${quote(name)} is of ${exits} exits; 1 to ${mostExits} are read.`)
  let values: ReturnType<StoredTensor['load']> | undefined
  return new Map(
    Array.from({ length: exits }, (_, position): [number, Named] => {
      const load = async () => {
        values ??= tensor.load()
        return (await values).subarray(position * rows * columns, (position + 1) * rows * columns)
      }
      return [position + 1, { name, tensor: { dtype: tensor.dtype, shape: [rows, columns], load } }]
    })
  )
}

/** Exits in ascending order. Throws UserError where features fit no logits. */
function numberExits(
  path: string,
  logits: ReadonlyMap<number, Named>,
  features: ReadonlyMap<number, Named>
): StoredOutputs['exits'] {
  const numbers = [...logits.keys()].sort((a, b) => a - b)
  if (features.size > 0 && features.size !== logits.size)
    throw new UserError(`${path} holds logits of ${logits.size} exits, but features of ${features.size}.`)
  for (const [number, { name }] of features)
    if (!logits.has(number)) throw new UserError(`${path} holds ${quote(name)}, but no logits of that exit.`)
  return numbers.map((number) => ({
    exit: number,
    logits: logits.get(number)!.tensor,
    features: features.get(number)?.tensor ?? null
  }))
}

function classesOf(path: string, logits: ReadonlyMap<number, Named>): number {
  const [first, ...others] = [...logits.values()]
  const classes = first!.tensor.shape[1]!
  if (classes < 2 || classes > mostClasses)
    throw new UserError(
      `${path}: ${quote(first!.name)} has ${classes} columns; logits are one for each of 2 to ${mostClasses} classes.`
    )
  for (const { name, tensor } of others)
    if (tensor.shape[1] !== classes)
      throw new UserError(
        `${path}: ${quote(name)} is of ${tensor.shape[1]} classes, but ${quote(first!.name)} of ${classes}.`
      )
  return classes
}

/** Throws UserError before anything is allocated for it. */
function requireModest(path: string, count: number, matrices: readonly Named[]): void {
  const bytes = matrices.reduce((sum, { tensor }) => sum + 4 * count * tensor.shape[1]!, 0)
  if (bytes > mostBytes)
    throw new UserError(
      `${path} holds logits and features of ${bytes} bytes; at most 2 GiB are read, so save fewer images.`
    )
}

function imagesIn(path: string, images: Named | undefined, count: number): StoredOutputs['images'] {
  if (!images) return null
  const { name, tensor } = images
  const layout = imageLayout(`${path}: ${quote(name)}`, tensor.shape)
  if (layout.count !== count)
    throw new UserError(`${path}: ${quote(name)} holds ${layout.count} images, but there are ${count} labels.`)
  const pixels = tensor.shape.reduce((product, side) => product * side, 1)
  if (pixels > mostPixels)
    throw new UserError(`${path}: ${quote(name)} would take ${pixels} bytes; at most 2 GiB of images are read.`)
  return { tensor, layout }
}
