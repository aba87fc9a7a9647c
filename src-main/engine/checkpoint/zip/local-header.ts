import type { Entry } from 'yauzl'
import { UserError } from '../../../../src-shared/errors.ts'
import { quote } from '../../pickle/values.ts'
import type { OpenFile } from '../open-file.ts'

const headerBytes = 30
/** A size that stands elsewhere. */
const inZip64 = 0xffffffff

/**
 * Reads the header in front of an entry and gives where its bytes begin. Throws UserError where it says something else than
 * the archive's directory: programs that believe the one would see another file than those that believe the other.
 */
export async function readLocalHeader({ path, read }: OpenFile, entry: Entry): Promise<number> {
  const at = entry.relativeOffsetOfLocalHeader
  const bytes = await read(at, headerBytes + entry.fileNameLength)
  const view = new DataView(bytes.buffer)
  const says = (what: string) =>
    new UserError(
      `${path} is damaged: what is before ${quote(entry.fileName)} says another ${what} than the directory.`
    )
  if (view.getUint32(0, true) !== 0x04034b50)
    throw new UserError(`${path} is damaged: there is no header before ${quote(entry.fileName)}.`)
  if (view.getUint16(26, true) !== entry.fileNameLength || !entry.fileNameRaw.equals(bytes.subarray(headerBytes)))
    throw says('name')
  if (view.getUint16(8, true) !== entry.compressionMethod) throw says('way of packing')
  // Writers that did not know them yet leave them out, set the flag's bit, and put them behind the entry.
  const isLater = (view.getUint16(6, true) & 8) !== 0
  const agrees = (value: number, expected: number) =>
    value === expected || value === inZip64 || (isLater && value === 0)
  if (
    !agrees(view.getUint32(18, true), entry.compressedSize) ||
    !agrees(view.getUint32(22, true), entry.uncompressedSize)
  )
    throw says('size')
  const crc = view.getUint32(14, true)
  if (crc !== entry.crc32 && !(isLater && crc === 0)) throw says('check sum')
  return at + headerBytes + entry.fileNameLength + view.getUint16(28, true)
}
