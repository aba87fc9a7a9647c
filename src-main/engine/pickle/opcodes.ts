import type { Machine } from './machine.ts'
import { Tuple } from './values.ts'

/** An int of more bytes is no size, label or magic number. */
const longestInteger = 32
const newestProtocol = 5

function pushInteger(machine: Machine, bytes: number): void {
  if (bytes > longestInteger) throw machine.refuse(`has an int of ${bytes} bytes; at most ${longestInteger} are read.`)
  machine.push(machine.reader.integer(bytes))
}

function pushTuple(machine: Machine, count: number): void {
  const items = Array.from({ length: count }, () => machine.pop()).reverse()
  machine.pushNew(new Tuple(items))
}

/** INST and OBJ make old-style instances: nothing that is read needs them; the sentence says what they name. */
function refuseInstance(machine: Machine): never {
  const module = machine.reader.line()
  throw machine.forbidden(module, machine.reader.line())
}

/**
 * What each pickle opcode does (Python's Lib/pickletools.py describes them), by its byte: those of protocols 2 to 5 that
 * plain data, arrays and state dicts are written with. Every other one is refused.
 */
export const opcodes: ReadonlyMap<number, (machine: Machine) => void> = new Map<number, (machine: Machine) => void>([
  [0x80, proto],
  [0x95, (machine) => void machine.reader.uint64()], // FRAME: how much is read ahead
  [0x28, (machine) => machine.mark()], // MARK (
  [0x30, (machine) => void machine.pop()], // POP 0
  [0x31, (machine) => void machine.popMark()], // POP_MARK 1
  [0x4e, (machine) => machine.push(null)], // NONE N
  [0x88, (machine) => machine.push(true)], // NEWTRUE
  [0x89, (machine) => machine.push(false)], // NEWFALSE
  [0x4a, (machine) => machine.push(machine.reader.int32())], // BININT J
  [0x4b, (machine) => machine.push(machine.reader.uint8())], // BININT1 K
  [0x4d, (machine) => machine.push(machine.reader.uint16())], // BININT2 M
  [0x8a, (machine) => pushInteger(machine, machine.reader.uint8())], // LONG1
  [0x8b, (machine) => pushInteger(machine, machine.reader.uint32())], // LONG4
  [0x47, (machine) => machine.push(machine.reader.float64())], // BINFLOAT G
  [0x54, (machine) => machine.pushNew(machine.reader.take(machine.reader.uint32()))], // BINSTRING T
  [0x55, (machine) => machine.pushNew(machine.reader.take(machine.reader.uint8()))], // SHORT_BINSTRING U
  [0x42, (machine) => machine.pushNew(machine.reader.take(machine.reader.uint32()))], // BINBYTES B
  [0x43, (machine) => machine.pushNew(machine.reader.take(machine.reader.uint8()))], // SHORT_BINBYTES C
  [0x8e, (machine) => machine.pushNew(machine.reader.take(machine.reader.uint64()))], // BINBYTES8
  [0x58, (machine) => machine.push(machine.reader.text(machine.reader.uint32()))], // BINUNICODE X
  [0x8c, (machine) => machine.push(machine.reader.text(machine.reader.uint8()))], // SHORT_BINUNICODE
  [0x8d, (machine) => machine.push(machine.reader.text(machine.reader.uint64()))], // BINUNICODE8
  [0x5d, (machine) => machine.pushNew([])], // EMPTY_LIST ]
  [0x61, (machine) => machine.append([machine.pop()])], // APPEND a
  [0x65, (machine) => machine.append(machine.popMark())], // APPENDS e
  [0x6c, (machine) => machine.pushNew(machine.popMark())], // LIST l
  [0x29, (machine) => machine.pushNew(new Tuple([]))], // EMPTY_TUPLE )
  [0x74, (machine) => machine.pushNew(new Tuple(machine.popMark()))], // TUPLE t
  [0x85, (machine) => pushTuple(machine, 1)], // TUPLE1
  [0x86, (machine) => pushTuple(machine, 2)], // TUPLE2
  [0x87, (machine) => pushTuple(machine, 3)], // TUPLE3
  [0x7d, (machine) => machine.pushNew(new Map())], // EMPTY_DICT }
  [0x73, (machine) => machine.setItems([machine.pop(), machine.pop()].reverse())], // SETITEM s
  [0x75, (machine) => machine.setItems(machine.popMark())], // SETITEMS u
  [0x68, (machine) => machine.recall(machine.reader.uint8())], // BINGET h
  [0x6a, (machine) => machine.recall(machine.reader.uint32())], // LONG_BINGET j
  [0x71, (machine) => machine.remember(machine.reader.uint8())], // BINPUT q
  [0x72, (machine) => machine.remember(machine.reader.uint32())], // LONG_BINPUT r
  [0x94, (machine) => machine.rememberNext()], // MEMOIZE
  [0x63, global], // GLOBAL c
  [0x93, (machine) => machine.pushGlobalFromStack()], // STACK_GLOBAL
  [0x52, (machine) => machine.reduce()], // REDUCE R
  [0x62, (machine) => machine.build()], // BUILD b
  [0x51, (machine) => machine.pushPersistent()], // BINPERSID Q
  [0x69, refuseInstance] // INST i
])

function proto(machine: Machine): void {
  const version = machine.reader.uint8()
  if (version < 2 || version > newestProtocol)
    throw machine.refuse(`is a pickle of protocol ${version}; protocols 2 to ${newestProtocol} are read.`)
}

function global(machine: Machine): void {
  const module = machine.reader.line()
  machine.pushGlobal(module, machine.reader.line())
}
