import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { explainFileError } from '../../file-errors.ts'
import { withOpenFile, type OpenFile } from './open-file.ts'

/**
 * SHA-256 of a checkpoint that lies in several files, hex: of the hashes of the file that was named and of its parts, in their
 * order. Throws UserError where one can't be read.
 */
export async function hashWithParts(file: OpenFile, parts: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(await file.hash())
  for (const part of parts) hash.update(await withOpenFile(part, (opened) => opened.hash()))
  return hash.digest('hex')
}

/** Changes as soon as one of the files does. Throws UserError where one is missing. */
export async function stampOfParts(parts: readonly string[]): Promise<string> {
  const stamps = parts.map(async (part) => {
    const { size, mtimeMs, ctimeMs } = await stat(part).catch((error: unknown) => {
      throw explainFileError(error, part)
    })
    return [size, mtimeMs, ctimeMs].join(' ')
  })
  return (await Promise.all(stamps)).join(' ')
}
