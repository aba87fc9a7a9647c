import { fromFdPromise, type ZipFile } from 'yauzl'
import { UserError } from '../../../../src-shared/errors.ts'
import { quote } from '../../pickle/values.ts'
import type { OpenFile } from '../open-file.ts'

/** A stored (never packed) entry of a zip archive: its bytes lie in the file as they are. */
export type ZipEntry = { name: string; position: number; size: number; crc32: number }

const mostEntries = 100_000

/** True where the file begins as zip archives do. */
export const isZip = ({ start }: Pick<OpenFile, 'start'>): boolean =>
  start[0] === 0x50 && start[1] === 0x4b && start[2] === 3 && start[3] === 4

/**
 * The entries of a zip archive by name; none is read. Throws UserError where the archive is damaged, an entry is packed,
 * encrypted, named twice or with a path that leads out of it, or two share their bytes.
 */
export async function readZipDirectory({ path, handle }: OpenFile): Promise<Map<string, ZipEntry>> {
  const entries = new Map<string, ZipEntry>()
  let zip: ZipFile | null = null
  try {
    zip = await fromFdPromise(handle.fd, { lazyEntries: true, autoClose: false, strictFileNames: true })
    // A damaged archive is told both ways; nobody else listens.
    zip.on('error', () => undefined)
    if (zip.entryCount > mostEntries)
      throw new UserError(`${path} holds ${zip.entryCount} entries; at most ${mostEntries} are read.`)
    for await (const entry of zip.eachEntry()) {
      const { fileName: name, compressedSize, uncompressedSize: size, compressionMethod, crc32 } = entry
      if (name.endsWith('/') && size === 0) continue
      if (entry.isEncrypted()) throw new UserError(`${path}: ${quote(name)} is encrypted; it can't be read.`)
      if (compressionMethod !== 0 || compressedSize !== size)
        throw new UserError(`${path}: ${quote(name)} is packed; checkpoints hold their entries as they are.`)
      if (entries.has(name)) throw new UserError(`${path} holds ${quote(name)} twice.`)
      const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true })
      entries.set(name, { name, position: fileDataStart, size, crc32 })
    }
  } catch (error) {
    if (error instanceof UserError) throw error
    const message = error instanceof Error ? error.message.replace(/\.?\s*$/, '') : String(error)
    throw new UserError(`${path} is a damaged archive: ${message}.`, { cause: error })
  }
  requireApart(path, [...entries.values()])
  return entries
}

/** Entries that share bytes make a small file a large one. */
function requireApart(path: string, entries: ZipEntry[]): void {
  let end = 0
  for (const { name, position, size } of entries.toSorted((a, b) => a.position - b.position)) {
    if (position < end) throw new UserError(`${path}: ${quote(name)} begins before the entry in front of it ends.`)
    end = position + size
  }
}
