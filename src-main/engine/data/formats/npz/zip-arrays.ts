import { crc32 } from 'node:zlib'
import { openPromise, type Entry, type ZipFile } from 'yauzl'
import { UserError } from '../../../../../src-shared/errors.ts'
import { quote } from '../../../pickle/values.ts'
import { fileSize } from '../read-file.ts'
import type { ArraySource } from './array-source.ts'

/** An archive with more entries is no data set. */
const mostEntries = 1000
const mostEntryBytes = 2 ** 31 - 1
/** Deflate packs 1032 to 1 at best. */
const mostRatio = 1040

/**
 * The .npy arrays of a zip archive by their name without the ending. Nothing is unpacked yet; each entry may be stored or
 * deflated. Throws UserError where the archive is damaged, has a name twice, or declares what it can't hold.
 */
export async function listZipArrays(path: string): Promise<Map<string, ArraySource>> {
  await fileSize(path)
  return withZip(path, async (zip) => {
    const arrays = new Map<string, ArraySource>()
    if (zip.entryCount > mostEntries)
      throw new UserError(`${path} holds ${zip.entryCount} entries; at most ${mostEntries} are read.`)
    for await (const entry of zip.eachEntry()) {
      if (!entry.fileName.endsWith('.npy')) continue
      const name = `${path}: ${entry.fileName}`
      const { compressedSize, uncompressedSize, compressionMethod } = entry
      if (entry.isEncrypted()) throw new UserError(`${name} is encrypted; it can't be read.`)
      if (compressionMethod !== 0 && compressionMethod !== 8)
        throw new UserError(`${name} is packed with method ${compressionMethod}; stored and deflated entries are read.`)
      if (uncompressedSize > mostEntryBytes || uncompressedSize > compressedSize * mostRatio)
        throw new UserError(`${name} claims to unpack ${compressedSize} bytes to ${uncompressedSize}; it is not read.`)
      const key = entry.fileName.slice(0, -'.npy'.length)
      if (arrays.has(key)) throw new UserError(`${path} holds ${quote(entry.fileName)} twice.`)
      arrays.set(key, entrySource(path, name, entry))
    }
    return arrays
  })
}

const entrySource = (path: string, name: string, entry: Entry): ArraySource => ({
  name,
  size: entry.uncompressedSize,
  head: (most) => readEntry(path, entry, Math.min(most, entry.uncompressedSize)),
  async read() {
    const bytes = await readEntry(path, entry, entry.uncompressedSize)
    if (crc32(bytes) !== entry.crc32) throw new UserError(`${name} is damaged: its check sum does not match.`)
    return bytes
  }
})

/** The first bytes of an entry, unpacked; where these are all, whether it ends there is checked too. */
function readEntry(path: string, entry: Entry, length: number): Promise<Uint8Array> {
  return withZip(path, async (zip) => {
    const bytes = new Uint8Array(length)
    let filled = 0
    const stream = await zip.openReadStreamPromise(entry)
    try {
      for await (const chunk of stream as AsyncIterable<Uint8Array>) {
        bytes.set(chunk.subarray(0, length - filled), filled)
        filled += Math.min(chunk.length, length - filled)
        if (filled === length && length < entry.uncompressedSize) break
      }
    } finally {
      stream.destroy()
    }
    if (filled < length) throw new UserError(`${path}: ${entry.fileName} is cut off after ${filled} bytes.`)
    return bytes
  })
}

async function withZip<R>(path: string, work: (zip: ZipFile) => Promise<R>): Promise<R> {
  let zip: ZipFile | null = null
  try {
    zip = await openPromise(path, { lazyEntries: true, autoClose: false, strictFileNames: true })
    // A damaged archive is told both ways; nobody else listens.
    zip.on('error', () => undefined)
    return await work(zip)
  } catch (error) {
    if (error instanceof UserError) throw error
    const message = error instanceof Error ? error.message.replace(/\.?\s*$/, '') : String(error)
    throw new UserError(`${path} is a damaged archive: ${message}.`, { cause: error })
  } finally {
    zip?.close()
  }
}
