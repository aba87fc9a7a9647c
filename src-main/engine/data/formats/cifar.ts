import { UserError } from '../../../../src-shared/errors.ts'
import type { ImageShape } from '../dataset-types.ts'

/** CIFAR-10 and CIFAR-100: images of 32 x 32 in colour. */
export const cifarShape: ImageShape = [32, 32, 3]
/** Bytes of an image. */
export const cifarImageBytes = 3072
const planeBytes = 1024

/** CIFAR-10's classes (Krizhevsky 2009), where the file with their names is missing. */
export const cifar10Classes = [
  ...['airplane', 'automobile', 'bird', 'cat', 'deer'],
  ...['dog', 'frog', 'horse', 'ship', 'truck']
]

/** Writes an image that is stored as a plane of red, one of green, one of blue as pixels of three bytes each. */
export function interleave(from: Uint8Array, at: number, to: Uint8Array, target: number): void {
  for (let pixel = 0; pixel < planeBytes; pixel++) {
    to[target + 3 * pixel] = from[at + pixel]!
    to[target + 3 * pixel + 1] = from[at + planeBytes + pixel]!
    to[target + 3 * pixel + 2] = from[at + 2 * planeBytes + pixel]!
  }
}

/** Throws UserError where a label is not one of the classes. */
export function checkCifarLabel(path: string, label: number, classes: number, position: number): void {
  if (!(Number.isInteger(label) && label >= 0 && label < classes))
    throw new UserError(`${path} holds the label ${label} at image ${position}; labels are 0 to ${classes - 1}.`)
}

/** Names of classes as a file says them. Throws UserError where there are too few, too many, or an empty one. */
export function checkCifarNames(path: string, names: readonly string[], expected: number): string[] {
  if (names.length !== expected || names.some((name) => name === ''))
    throw new UserError(`${path} names ${names.filter(Boolean).length} classes; there must be ${expected}.`)
  return [...names]
}

/** The numbered batches of CIFAR-10 among a folder's files, by their number. */
export const batchesOf = (files: readonly string[], pattern: RegExp): string[] =>
  files.filter((name) => pattern.test(name)).sort((a, b) => Number(pattern.exec(a)![1]) - Number(pattern.exec(b)![1]))
