import { UserError } from '../../../src-shared/errors.ts'
import type { ByteReader } from './byte-reader.ts'
import { GlobalRefusal, type AllowedGlobal, type AllowedGlobals } from './globals.ts'
import type { PickleLimits } from './limits.ts'
import { opcodes } from './opcodes.ts'
import {
  describeValue,
  GlobalName,
  latin1,
  longestWord,
  MadeObject,
  quote,
  textOf,
  Tuple,
  type PickleKey,
  type PickleValue
} from './values.ts'

/** The stack and memo of one pickle that is being read; `opcodes.ts` says what each opcode does with them. */
export class Machine {
  private stack: PickleValue[] = []
  /** The stacks below the open marks. */
  private readonly below: PickleValue[][] = []
  private stackedBelow = 0
  private readonly memo = new Map<number, PickleValue>()
  /** Which allowed global made an object: only that one may build it. */
  private readonly makers = new WeakMap<object, { name: string; allowed: AllowedGlobal }>()
  private objects = 0
  private madeBytes = 0
  private opcode = 0
  private at = 0

  constructor(
    readonly reader: ByteReader,
    private readonly globals: AllowedGlobals,
    private readonly limits: PickleLimits,
    private readonly persistentLoad: ((id: PickleValue) => PickleValue) | null,
    private readonly explain: (key: string) => string
  ) {}

  /** Runs to STOP and gives what is left. Throws UserError. */
  run(): PickleValue {
    for (let count = 0; ; count++) {
      if (count >= this.limits.opcodes) throw this.refuse(`holds more than ${this.limits.opcodes} pickle opcodes.`)
      this.at = this.reader.position
      this.opcode = this.reader.uint8()
      if (this.opcode === 0x2e) break
      const work = opcodes.get(this.opcode)
      if (!work) {
        const hex = `0x${this.opcode.toString(16).padStart(2, '0')}`
        throw this.refuse(
          `has the pickle opcode ${hex} at byte ${this.at}, which files of data and weights do not need.`
        )
      }
      work(this)
    }
    const value = this.pop()
    if (this.stack.length > 0 || this.below.length > 0) throw this.damaged('something is left over at its end')
    return value
  }

  refuse(clause: string): UserError {
    return new UserError(`${this.reader.name} ${clause}`)
  }
  damaged(clause: string): UserError {
    return this.refuse(`is damaged: ${clause} (byte ${this.at}).`)
  }

  /** Pushes what is made here, and not only recalled: each takes memory. */
  pushNew(value: PickleValue): void {
    if (++this.objects > this.limits.objects)
      throw this.refuse(`makes more than ${this.limits.objects} lists, dicts and other objects.`)
    this.push(value)
  }
  /** A short file could have the same bytes converted a million times. */
  private countBytes(bytes: number): void {
    this.madeBytes += bytes
    if (this.madeBytes > this.reader.size + this.limits.madeBytes)
      throw this.refuse(`makes more than ${this.limits.madeBytes} bytes beyond the ${this.reader.size} that it holds.`)
  }
  push(value: PickleValue): void {
    if (this.stack.length + this.stackedBelow >= this.limits.stack)
      throw this.refuse(`puts more than ${this.limits.stack} values on its stack.`)
    this.stack.push(value)
  }
  pop(): PickleValue {
    const value = this.stack.pop()
    if (value === undefined) throw this.damaged('a value is missing')
    return value
  }
  top(): PickleValue {
    const value = this.stack.at(-1)
    if (value === undefined) throw this.damaged('a value is missing')
    return value
  }
  mark(): void {
    if (this.below.length >= this.limits.marks) throw this.refuse(`opens more than ${this.limits.marks} marks.`)
    this.below.push(this.stack)
    this.stackedBelow += this.stack.length
    this.stack = []
  }
  popMark(): PickleValue[] {
    const items = this.stack
    const below = this.below.pop()
    if (!below) throw this.damaged('a mark is missing')
    this.stack = below
    this.stackedBelow -= below.length
    return items
  }

  remember(key: number): void {
    if (this.memo.size >= this.limits.memo && !this.memo.has(key))
      throw this.refuse(`remembers more than ${this.limits.memo} values.`)
    this.memo.set(key, this.top())
  }
  rememberNext(): void {
    this.remember(this.memo.size)
  }
  recall(key: number): void {
    const value = this.memo.get(key)
    if (value === undefined) throw this.damaged(`it recalls the value ${key}, which it has not`)
    this.push(value)
  }

  append(items: readonly PickleValue[]): void {
    const list = this.top()
    if (!Array.isArray(list)) throw this.damaged(`values are appended to ${describeValue(list)}`)
    for (const item of items) list.push(item)
  }
  setItems(pairs: readonly PickleValue[]): void {
    const dict = this.top()
    if (!(dict instanceof Map)) throw this.damaged(`keys are set in ${describeValue(dict)}`)
    if (pairs.length % 2 !== 0) throw this.damaged('a key has no value')
    for (let index = 0; index < pairs.length; index += 2) {
      const key = this.keyOf(pairs[index]!)
      if (dict.has(key)) throw this.refuse(`has the key ${describeValue(key)} twice.`)
      dict.set(key, pairs[index + 1]!)
    }
  }
  private keyOf(value: PickleValue): PickleKey {
    if ((typeof value === 'string' || value instanceof Uint8Array) && value.length > longestWord)
      throw this.refuse(`has a key of ${value.length} characters; at most ${longestWord} are read.`)
    if (value instanceof Uint8Array) {
      this.countBytes(value.length)
      return latin1(value)
    }
    if (value === null || typeof value !== 'object') return value
    throw this.refuse(`has ${describeValue(value)} for a key; only texts and numbers are read.`)
  }

  /** Pushes an allowed Python object. Throws UserError for every other one. */
  pushGlobal(module: string, name: string): void {
    const key = `${module} ${name}`
    if (!this.globals.has(key)) throw this.forbidden(module, name)
    this.pushNew(new GlobalName(key))
  }
  forbidden(module: string, name: string): UserError {
    return this.refuse(`names the Python object ${quote(`${module}.${name}`)}, ${this.explain(`${module} ${name}`)}.`)
  }
  pushGlobalFromStack(): void {
    const name = textOf(this.pop())
    const module = textOf(this.pop())
    this.countBytes((name?.length ?? 0) + (module?.length ?? 0))
    if (name === null || module === null) throw this.damaged('the name of a Python object is no text')
    this.pushGlobal(module, name)
  }
  reduce(): void {
    const args = this.pop()
    const callee = this.pop()
    if (!(args instanceof Tuple)) throw this.damaged(`a call gets ${describeValue(args)} for its arguments`)
    if (!(callee instanceof GlobalName)) throw this.refuse(`calls ${describeValue(callee)}, which can't be called.`)
    const allowed = this.globals.get(callee.key)
    if (!allowed?.call) throw this.refuse(`calls ${describeValue(callee)}, which may only be named.`)
    const { call } = allowed
    const made = this.ask(describeValue(callee), () => call(args.items))
    if (isBuildable(made)) this.makers.set(made, { name: describeValue(callee), allowed })
    if (made instanceof Uint8Array) this.countBytes(made.length)
    this.pushNew(made)
  }
  build(): void {
    const state = this.pop()
    const made = this.top()
    const maker = isBuildable(made) ? this.makers.get(made) : undefined
    const build = maker?.allowed.build
    if (!isBuildable(made) || !maker || !build)
      throw this.refuse(`sets the state of ${describeValue(made)}, which is not allowed.`)
    this.ask(maker.name, () => build(made, state))
  }
  pushPersistent(): void {
    const id = this.pop()
    const { persistentLoad } = this
    if (!persistentLoad) throw this.refuse(`has a persistent id (${describeValue(id)}), which is not read here.`)
    this.push(this.ask('persistent id', () => persistentLoad(id)))
  }
  private ask<T>(name: string, work: () => T): T {
    try {
      return work()
    } catch (error) {
      if (error instanceof GlobalRefusal) throw this.refuse(`has a ${name} that ${error.message}.`)
      throw error
    }
  }
}

const isBuildable = (made: PickleValue): made is MadeObject | Map<PickleKey, PickleValue> =>
  made instanceof MadeObject || made instanceof Map
