import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { crc32, deflateRawSync } from 'node:zlib'
import { expect } from 'vitest'
import { describeFiles, readFiles } from '../../../../src-main/engine/data/read-dataset.ts'
import { UserError } from '../../../../src-shared/errors.ts'
import { bytesOf, type Piece } from '../../pickle/pickle-writer.ts'

export const usual = { size: 32, labels: 'fine', classes: null } as const

/** What Python, NumPy and Pillow wrote: tests/fixtures/witness/data.py. */
export const witness = fileURLToPath(new URL('../../../fixtures/witness/data/', import.meta.url))

/** What they say that it holds. */
export async function witnessed<T>(key: string): Promise<T> {
  return (JSON.parse(await readFile(join(witness, 'expected.json'), 'utf8')) as Record<string, T>)[key]!
}

/** Writes files below a folder, by their path in it; null leaves one out. Returns the folder. */
export async function writeFiles(folder: string, files: Record<string, Uint8Array | string | null>): Promise<string> {
  for (const [name, bytes] of Object.entries(files)) {
    if (bytes === null) continue
    const path = join(folder, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, bytes)
  }
  return folder
}

/** The sentence with which a data set is refused by reading, `@` for its path. What describes it must not crash. */
export async function refusalOf(path: string): Promise<string> {
  await describeFiles(path, usual).catch((error: unknown) => expect(error).toBeInstanceOf(UserError))
  const error: unknown = await readFiles(path, usual).then(
    () => new Error('It was read.'),
    (reason: unknown) => reason
  )
  expect((error as Error).message).not.toBe('It was read.')
  expect(error).toBeInstanceOf(UserError)
  return (error as Error).message.replaceAll(path, '@')
}

/** A CIFAR image as a plane of red, green and blue: `value` plus the place within the plane, modulo 256. */
export const cifarPlanes = (red: number, green: number, blue: number): Uint8Array =>
  Uint8Array.from({ length: 3072 }, (_, index) => [red, green, blue][Math.floor(index / 1024)]! + (index % 1024))

/** A .npy file, version 1, as NumPy writes it. */
export function npy(shape: number[], data: Piece, descr = '|u1', isFortran = false): Uint8Array {
  const side = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const text = `{'descr': '${descr}', 'fortran_order': ${isFortran ? 'True' : 'False'}, 'shape': (${side}), }`
  const padded = `${text.padEnd(64 * Math.ceil((text.length + 11) / 64) - 11)}\n`
  return bytesOf([0x93, 'NUMPY', 1, 0, padded.length & 255, padded.length >> 8, padded, data])
}

type ZipEntry = { name: string; data: Uint8Array; packed?: Uint8Array; method?: number; claims?: number; crc?: number }

/** A zip archive; `claims` is the unpacked size that it says, where it lies. */
export function zip(entries: ZipEntry[]): Uint8Array {
  const local: Buffer[] = []
  const central: Buffer[] = []
  let at = 0
  for (const { name, data, method = 0, packed = method === 8 ? deflateRawSync(data) : data, ...lies } of entries) {
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(method, 4)
    fields.writeUInt32LE(lies.crc ?? crc32(data), 10)
    fields.writeUInt32LE(packed.length, 14)
    fields.writeUInt32LE(lies.claims ?? data.length, 18)
    fields.writeUInt16LE(name.length, 22)
    local.push(Buffer.from('PK\x03\x04', 'latin1'), fields, Buffer.from(name), Buffer.from(packed))
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(at, 10)
    central.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, tail, Buffer.from(name))
    at += 30 + name.length + packed.length
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(at, 16)
  return Uint8Array.from(Buffer.concat([...local, directory, end]))
}
