import { UserError } from '../../../src-shared/errors.ts'

const longestLine = 1024
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Reads a pickle's bytes in order, never beyond their end. Every refusal is a UserError that names the file. */
export class ByteReader {
  position = 0
  private readonly view: DataView

  constructor(
    /** The file, for messages. */
    readonly name: string,
    private readonly bytes: Uint8Array
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Of the whole pickle, bytes. */
  get size(): number {
    return this.bytes.length
  }

  /** Moves on by `count` bytes and gives where they begin. */
  private advance(count: number): number {
    const at = this.position
    if (!(count <= this.bytes.length - at))
      throw new UserError(
        `${this.name} is cut off or damaged: at byte ${at} it says ${count} bytes follow, but there are ${this.bytes.length - at}.`
      )
    this.position = at + count
    return at
  }

  uint8(): number {
    return this.view.getUint8(this.advance(1))
  }
  uint16(): number {
    return this.view.getUint16(this.advance(2), true)
  }
  uint32(): number {
    return this.view.getUint32(this.advance(4), true)
  }
  int32(): number {
    return this.view.getInt32(this.advance(4), true)
  }
  /** As a number; what is beyond 2^53 is beyond the end of any file. */
  uint64(): number {
    return Number(this.view.getBigUint64(this.advance(8), true))
  }
  /** Big-endian, as pickles have it. */
  float64(): number {
    return this.view.getFloat64(this.advance(8), false)
  }
  /** The next bytes, not copied; not a Buffer, whose slice() shares memory. */
  take(count: number): Uint8Array {
    const at = this.advance(count)
    return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + at, count)
  }
  /** The next bytes as UTF-8. */
  text(count: number): string {
    const at = this.position
    try {
      return utf8.decode(this.take(count))
    } catch (error) {
      if (error instanceof UserError) throw error
      throw new UserError(`${this.name} is damaged: its text at byte ${at} is not UTF-8.`)
    }
  }
  /** Text up to the next line feed, which is passed over. */
  line(): string {
    const at = this.position
    const end = this.bytes.indexOf(10, at)
    if (end < 0 || end - at > longestLine)
      throw new UserError(`${this.name} is damaged: its line at byte ${at} has no end.`)
    const line = this.text(end - at)
    this.position++
    return line
  }
  /** Little-endian two's complement. */
  integer(count: number): number | bigint {
    let value = 0n
    const bytes = this.take(count)
    for (let index = count - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[index]!)
    const signed = BigInt.asIntN(8 * count, value)
    return signed >= Number.MIN_SAFE_INTEGER && signed <= Number.MAX_SAFE_INTEGER ? Number(signed) : signed
  }
}
