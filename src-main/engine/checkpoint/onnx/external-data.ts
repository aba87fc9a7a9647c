import { realpath } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { UserError } from '../../../../src-shared/errors.ts'
import { isWithin } from '../../../is-within.ts'
import { quote } from '../../pickle/values.ts'
import { withOpenFile } from '../open-file.ts'
import type { FileWalker } from './file-walker.ts'
import type { OnnxTensor } from './tensor-proto.ts'

type Place = { path: string; offset: number; length: number }

/** The path of another file that holds a tensor's numbers, found before anything is loaded. Throws UserError where it does not. */
export async function findExternal(walker: FileWalker, tensor: OnnxTensor): Promise<string> {
  const { path, offset, length } = await placeOf(walker, tensor)
  return withOpenFile(path, ({ size }) => {
    if (offset + length > size)
      throw new UserError(
        `${walker.file.path} says that ${quote(tensor.name)} lies at bytes ${offset} to ${offset + length} of ${path}, which has ${size}.`
      )
    return Promise.resolve(path)
  })
}

/** Reads a tensor's numbers out of another file. Throws UserError. */
export async function readExternal(walker: FileWalker, tensor: OnnxTensor): Promise<Uint8Array<ArrayBuffer>> {
  const { path, offset, length } = await placeOf(walker, tensor)
  return withOpenFile(path, (file) => file.read(offset, length))
}

/** Where the numbers lie: in a regular file in the model's own folder or below it, links followed. */
async function placeOf({ file }: FileWalker, { name, count, type, external }: OnnxTensor): Promise<Place> {
  const refuse = (what: string) =>
    new UserError(`${file.path} keeps the tensor ${quote(name)} in another file, ${what}.`)
  const location = external?.get('location') ?? ''
  if (!isConfined(location)) throw refuse(`${quote(location)}, and only files in its own folder are read`)
  const [offset, length] = ['offset', 'length'].map((key) => wholeNumber(external?.get(key)))
  const bytes = count * type.bytes
  if (offset === null || length === null) throw refuse('at a place that is no whole number')
  if (length !== undefined && length !== bytes) throw refuse(`as ${length} bytes, but its shape needs ${bytes}`)
  const folder = await realpath(dirname(file.path))
  const path = join(folder, location)
  const real = await realpath(path).catch(() => null)
  if (real === null) throw refuse(`${quote(location)}, which is not there; put it beside the model`)
  if (!isWithin(folder, real)) throw refuse(`${quote(location)}, a link that leads out of its folder`)
  return { path: real, offset: offset ?? 0, length: bytes }
}

/** True for a path below a folder, on any system. */
const isConfined = (location: string): boolean =>
  location !== '' &&
  !isAbsolute(location) &&
  !/[\\\0:]/.test(location) &&
  !location.split('/').some((part) => part === '..' || part === '')

/** undefined where nothing is said, null where it is no whole number. */
function wholeNumber(text: string | undefined): number | null | undefined {
  if (text === undefined || text === '') return undefined
  const value = Number(text)
  return /^\d{1,16}$/.test(text) && Number.isSafeInteger(value) ? value : null
}
