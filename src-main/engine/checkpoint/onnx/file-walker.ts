import Pbf from 'pbf'
import { UserError } from '../../../../src-shared/errors.ts'
import { quote } from '../../pickle/values.ts'
import type { OpenFile } from '../open-file.ts'

/** Bytes of the file from `start` to `end` (not included). */
export type Span = { start: number; end: number }

/** One field of a protobuf message: a number, or where the bytes of a text, list or message lie in the file. */
export type Field =
  { id: number; kind: 'varint' | 'float' | 'double'; value: number } | ({ id: number; kind: 'bytes' } & Span)

/** Read at once; large enough to be few reads. */
const windowBytes = 64 * 1024
/** The tag, and a number or length behind it. */
const longestHead = 20
/** More than any network has; a file of fields of two bytes would take minutes. */
const mostFields = 4_000_000
const longestText = 65_536

/**
 * Walks over the fields of a protobuf file without reading what they hold: of a large one only what is asked for comes into
 * memory. Every length is checked against the message that it lies in. Throws UserError where the file is damaged.
 */
export class FileWalker {
  readonly file: OpenFile
  #window = new Pbf(new Uint8Array(0))
  #windowStart = 0
  #left = mostFields

  constructor(file: OpenFile) {
    this.file = file
  }

  damaged(what: string): UserError {
    return new UserError(`${this.file.path} is a damaged ONNX file: ${what}.`)
  }

  /** The fields of a message, in the file's order. */
  async *fields({ start, end }: Span): AsyncGenerator<Field> {
    for (let at = start; at < end;) {
      if (--this.#left < 0) throw this.damaged(`it holds more than ${mostFields} fields`)
      const pbf = await this.#at(at)
      const field = this.#readField(pbf)
      at = field.kind === 'bytes' ? field.end : this.#windowStart + pbf.pos
      if (!(at <= end)) throw this.damaged(`a field at byte ${start} reaches beyond what it lies in: it may be cut off`)
      yield field
    }
  }

  /** Reads a field's head; the caller compares where it ends, for pbf reads beyond its bytes. */
  #readField(pbf: Pbf): Field {
    try {
      const tag = pbf.readVarint()
      return this.#readValue(pbf, Math.floor(tag / 8), tag % 8)
    } catch (error) {
      throw error instanceof UserError ? error : this.damaged('it holds a number without end')
    }
  }

  #readValue(pbf: Pbf, id: number, wire: number): Field {
    if (id === 0) throw this.damaged('a field has the number 0')
    if (wire === 0) return { id, kind: 'varint', value: pbf.readVarint(true) }
    if (wire === 2) {
      const length = pbf.readVarint()
      const start = this.#windowStart + pbf.pos
      return { id, kind: 'bytes', start, end: start + length }
    }
    const bytes = wire === 5 ? 4 : wire === 1 ? 8 : 0
    if (bytes === 0) throw this.damaged(`a field is written in the unknown way ${wire}`)
    if (pbf.pos + bytes > pbf.length) throw this.damaged('it ends within a number: it is cut off')
    return wire === 5 ? { id, kind: 'float', value: pbf.readFloat() } : { id, kind: 'double', value: pbf.readDouble() }
  }

  /** A reader that stands at a byte of the file, with a field's head in front of it. */
  async #at(position: number): Promise<Pbf> {
    const { size } = this.file
    const needed = Math.min(size, position + longestHead)
    if (position < this.#windowStart || needed > this.#windowStart + this.#window.length) {
      this.#window = new Pbf(await this.file.read(position, Math.min(windowBytes, size - position)))
      this.#windowStart = position
    }
    this.#window.pos = position - this.#windowStart
    return this.#window
  }

  /** Bytes of the file. */
  async bytes({ start, end }: Span): Promise<Uint8Array<ArrayBuffer>> {
    return this.file.read(start, end - start)
  }

  /** A text of at most 64 KiB. */
  async text(span: Span): Promise<string> {
    if (span.end - span.start > longestText) throw this.damaged(`a text has ${span.end - span.start} bytes`)
    if (span.start >= this.#windowStart && span.end <= this.#windowStart + this.#window.length)
      return decoder.decode(this.#window.buf.subarray(span.start - this.#windowStart, span.end - this.#windowStart))
    return decoder.decode(await this.bytes(span))
  }

  /** The entries of a list of whole numbers: one field each, or packed. */
  async integers(field: Field, into: number[], most: number): Promise<void> {
    if (field.kind !== 'bytes') into.push(field.value)
    else {
      if (field.end - field.start > 10 * most) throw this.damaged(`a list has more than ${most} numbers`)
      into.push(...this.unpack(await this.bytes(field)))
    }
    if (into.length > most) throw this.damaged(`a list has more than ${most} numbers`)
  }

  /** Whole numbers, with a sign, written one behind the other. */
  unpack(bytes: Uint8Array<ArrayBuffer>): number[] {
    const pbf = new Pbf(bytes)
    const values: number[] = []
    try {
      while (pbf.pos < pbf.length) values.push(pbf.readVarint(true))
    } catch {
      throw this.damaged('it holds a number without end')
    }
    return values
  }
}

const decoder = new TextDecoder()

/** What a field must be. */
export function asSpan(walker: FileWalker, field: Field, what: string): Span {
  if (field.kind !== 'bytes') throw walker.damaged(`${what} is a number (field ${field.id})`)
  return field
}

/** What a field must be. */
export function asNumber(walker: FileWalker, field: Field, what: string): number {
  if (field.kind === 'bytes') throw walker.damaged(`${quote(what)} is no number (field ${field.id})`)
  return field.value
}
