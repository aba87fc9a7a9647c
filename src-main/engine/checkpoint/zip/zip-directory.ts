import { fromRandomAccessReaderPromise, RandomAccessReader, type Entry, type ZipFile } from 'yauzl'
import { UserError } from '../../../../src-shared/errors.ts'
import { quote } from '../../pickle/values.ts'
import type { OpenFile } from '../open-file.ts'
import { readLocalHeader } from './local-header.ts'

/** A stored (never packed) entry of a zip archive: its bytes lie in the file as they are. */
export type ZipEntry = { name: string; position: number; size: number; crc32: number }

const mostEntries = 100_000

/** True where the file begins as zip archives do. */
export const isZip = ({ start }: Pick<OpenFile, 'start'>): boolean =>
  start[0] === 0x50 && start[1] === 0x4b && start[2] === 3 && start[3] === 4

/**
 * The entries of a zip archive by name; none is read. `checkNames` gets all names before anything is refused, and may throw in
 * their place. Throws UserError where the archive is damaged, an entry is packed,
 * encrypted, named twice or with a path that leads out of it, where two share their bytes, or where the header in front of one
 * says something else than the directory.
 */
export async function readZipDirectory(
  file: OpenFile,
  checkNames: (names: string[]) => void = () => undefined
): Promise<Map<string, ZipEntry>> {
  const { path } = file
  const found = new Map<string, Entry>()
  const listed = await listEntries(file)
  checkNames(listed.map(({ fileName }) => fileName))
  for (const entry of listed) {
    const { fileName: name, compressedSize, uncompressedSize: size, compressionMethod } = entry
    if (name.endsWith('/') && size === 0) continue
    if (entry.isEncrypted()) throw new UserError(`${path}: ${quote(name)} is encrypted; it can't be read.`)
    if (compressionMethod !== 0 || compressedSize !== size)
      throw new UserError(`${path}: ${quote(name)} is packed; checkpoints hold their entries as they are.`)
    if (found.has(name)) throw new UserError(`${path} holds ${quote(name)} twice.`)
    found.set(name, entry)
  }
  const positions = await findPositions(file, [...found.values()])
  return new Map(
    [...found].map(([name, entry]) => {
      const { uncompressedSize: size, crc32 } = entry
      return [name, { name, position: positions.get(entry)!, size, crc32 }]
    })
  )
}

/** The names of a zip archive's entries, stored or not; empty where it is damaged. */
export async function readZipNames(file: OpenFile): Promise<string[]> {
  try {
    return (await listEntries(file)).map(({ fileName }) => fileName)
  } catch (error) {
    if (error instanceof UserError) return []
    throw error
  }
}

/** The name of the entry that a zip archive begins with, which can be read even where the archive is cut off; else empty. */
export async function readFirstName({ start, size, read }: OpenFile): Promise<string> {
  if (start.length < 30) return ''
  const length = new DataView(start.buffer, start.byteOffset).getUint16(26, true)
  return 30 + length > size ? '' : new TextDecoder().decode(await read(30, length))
}

async function listEntries(file: OpenFile): Promise<Entry[]> {
  const { path, size } = file
  try {
    const options = { lazyEntries: true, autoClose: false, strictFileNames: true }
    const zip: ZipFile = await fromRandomAccessReaderPromise(new FileReader(file), size, options)
    // A damaged archive is told both ways; nobody else listens.
    zip.on('error', () => undefined)
    if (zip.entryCount > mostEntries)
      throw new UserError(`${path} holds ${zip.entryCount} entries; at most ${mostEntries} are read.`)
    const entries: Entry[] = []
    for await (const entry of zip.eachEntry()) entries.push(entry)
    return entries
  } catch (error) {
    if (error instanceof UserError) throw error
    const message = error instanceof Error ? error.message.replace(/\.?\s*$/, '') : String(error)
    if (message.startsWith('End of central directory record signature not found'))
      throw new UserError(`${path} is cut off: the end of the archive is missing; copy or download it again.`, {
        cause: error
      })
    throw new UserError(`${path} is a damaged archive: ${message}.`, { cause: error })
  }
}

/** yauzl reads through the file that lies open: within its bounds, its small reads together. */
class FileReader extends RandomAccessReader {
  constructor(private readonly file: OpenFile) {
    super()
  }
  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void
  ): void {
    this.file
      .read(position, length)
      .then((bytes) => {
        buffer.set(bytes, offset)
        callback(null, length)
      })
      // What yauzl throws while it works on what was read comes back to it as an error of the file.
      .catch(callback)
  }
}

/** Where each entry's bytes begin. Entries that shared bytes would make a small file a large one. */
async function findPositions(file: OpenFile, entries: readonly Entry[]): Promise<Map<Entry, number>> {
  const positions = new Map<Entry, number>()
  let end = 0
  for (const entry of entries.toSorted((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader)) {
    const name = quote(entry.fileName)
    if (entry.relativeOffsetOfLocalHeader < end)
      throw new UserError(`${file.path}: ${name} begins before the entry in front of it ends.`)
    const position = await readLocalHeader(file, entry)
    end = position + entry.uncompressedSize
    if (end > file.size) throw new UserError(`${file.path} is cut off or damaged: ${name} goes on behind its end.`)
    positions.set(entry, position)
  }
  return positions
}
