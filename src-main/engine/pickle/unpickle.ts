import { UserError } from '../../../src-shared/errors.ts'
import { ByteReader } from './byte-reader.ts'
import type { AllowedGlobals } from './globals.ts'
import { usualLimits, type PickleLimits } from './limits.ts'
import { Machine } from './machine.ts'
import { requireTame } from './require-tame.ts'
import type { PickleValue } from './values.ts'

export type UnpickleOptions = {
  /** The file, for messages. */
  name: string
  /** The Python objects that it may name; all others are refused before anything is done with them. */
  globals: AllowedGlobals
  /** What a persistent id stands for; without it they are refused. May throw GlobalRefusal. */
  persistentLoad?: (id: PickleValue) => PickleValue
  limits?: Partial<PickleLimits>
  /** What is said of one that it may not name (`module name`, with a space): a clause that goes on after its name. */
  explain?: (key: string) => string
}

const notRead = 'which is not among those that are read; it was not opened, and nothing in it was run'

/**
 * Reads one pickle and says where it ends, in bytes, so that a file of several can be read on.
 *
 * Never runs anything: GLOBAL and STACK_GLOBAL name entries of `globals`, REDUCE calls these, BUILD only where one says
 * so, and every opcode that a file of data or weights does not need is refused (INST and OBJ, the extension registry,
 * out-of-band buffers, sets). Throws UserError, in one sentence that quotes the offending thing; never another error.
 */
export function unpickleAt(bytes: Uint8Array, options: UnpickleOptions): { value: PickleValue; end: number } {
  const limits = { ...usualLimits, ...options.limits }
  const { name, globals, persistentLoad, explain = () => notRead } = options
  if (bytes.length > limits.bytes)
    throw new UserError(`${name} holds ${bytes.length} bytes; at most ${limits.bytes} are read.`)
  const reader = new ByteReader(name, bytes)
  const value = new Machine(reader, globals, limits, persistentLoad ?? null, explain).run()
  requireTame(name, value, limits)
  return { value, end: reader.position }
}

/** Reads a file that is one pickle and nothing behind it. Throws UserError; see `unpickleAt`. */
export function unpickle(bytes: Uint8Array, options: UnpickleOptions): PickleValue {
  const { value, end } = unpickleAt(bytes, options)
  if (end === bytes.length) return value
  throw new UserError(`${options.name} goes on for ${bytes.length - end} bytes behind the end of its pickle.`)
}
