import { crc32 } from 'node:zlib'
import { fromFdPromise, openPromise, type Entry, type ZipFile } from 'yauzl'
import { UserError } from '../../../src-shared/errors.ts'
import type { OpenFile } from '../checkpoint/open-file.ts'
import { fileSize } from '../data/formats/read-file.ts'
import { quote } from '../pickle/values.ts'
import type { ArraySource } from './array-source.ts'

/** An archive with more entries is no data set. */
const mostEntries = 1000
const mostEntryBytes = 2 ** 31 - 1
/** Deflate packs 1032 to 1 at best. */
const mostRatio = 1040

/** An archive's file: a path, opened for each reading, or one that lies open. */
export type ZipPlace = Pick<OpenFile, 'path'> & { handle?: OpenFile['handle'] }

/**
 * The .npy arrays of a zip archive by their name without the ending. Nothing is unpacked yet; each entry may be stored or
 * deflated. Throws UserError where the archive is damaged, has a name twice, or declares what it can't hold.
 */
export async function listZipArrays(place: ZipPlace): Promise<Map<string, ArraySource>> {
  const { path } = place
  return withZip(place, async (zip) => {
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
      arrays.set(key, entrySource(place, name, entry))
    }
    return arrays
  })
}

const entrySource = (place: ZipPlace, name: string, entry: Entry): ArraySource => ({
  name,
  size: entry.uncompressedSize,
  head: (most) => readEntry(place, entry, Math.min(most, entry.uncompressedSize)),
  async read() {
    const bytes = await readEntry(place, entry, entry.uncompressedSize)
    if (crc32(bytes) !== entry.crc32) throw new UserError(`${name} is damaged: its check sum does not match.`)
    return bytes
  }
})

/** The first bytes of an entry, unpacked; where these are all, whether it ends there is checked too. */
function readEntry(place: ZipPlace, entry: Entry, length: number): Promise<Uint8Array> {
  return withZip(place, async (zip) => {
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
    if (filled < length) throw new UserError(`${place.path}: ${entry.fileName} is cut off after ${filled} bytes.`)
    return bytes
  })
}

async function withZip<R>({ path, handle }: ZipPlace, work: (zip: ZipFile) => Promise<R>): Promise<R> {
  const options = { lazyEntries: true, autoClose: false, strictFileNames: true }
  let zip: ZipFile | null = null
  try {
    if (!handle) await fileSize(path)
    zip = await (handle ? fromFdPromise(handle.fd, options) : openPromise(path, options))
    // A damaged archive is told both ways; nobody else listens.
    zip.on('error', () => undefined)
    return await work(zip)
  } catch (error) {
    if (error instanceof UserError) throw error
    const message = error instanceof Error ? error.message.replace(/\.?\s*$/, '') : String(error)
    throw new UserError(`${path} is a damaged archive: ${message}.`, { cause: error })
  } finally {
    // Closing would close the handle, which is another's.
    if (!handle) zip?.close()
  }
}
