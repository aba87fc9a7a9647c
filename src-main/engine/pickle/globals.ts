import type { MadeObject, PickleKey, PickleValue } from './values.ts'

/**
 * What a Python object that a file may name does here. All of it is the lab's own code, and none gets more than plain
 * values; one without `call` may be named (as an argument), and nothing else. They throw a clause (`GlobalRefusal`) where the
 * arguments are not what they must be.
 */
export type AllowedGlobal = {
  /** REDUCE: what `name(*args)` gives. */
  call?(args: readonly PickleValue[]): PickleValue
  /** BUILD of what `call` made: takes in the state. Absent: BUILD is refused. */
  build?(made: MadeObject | Map<PickleKey, PickleValue>, state: PickleValue): void
}

/** The objects that a file may name, by `module name`, with a space. */
export type AllowedGlobals = ReadonlyMap<string, AllowedGlobal>

/** Thrown by an allowed global: a clause that goes on after the object's name, `must be given a shape, not 3`. */
export class GlobalRefusal extends Error {}
