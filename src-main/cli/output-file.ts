import { access, constants, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { UserError } from '../../src-shared/errors.ts'
import { explainFileError, explainWriteError } from '../file-errors.ts'
import { writeWhole } from '../write-whole.ts'

/** Throws a UserError if `path` cannot become a file: asked before the work, not after it. */
export async function requireWritable(path: string): Promise<void> {
  const existing = await stat(path).catch(() => undefined)
  if (existing?.isDirectory()) throw new UserError(`${path} is a folder, not a file.`)
  try {
    await access(dirname(path), constants.W_OK)
  } catch (error) {
    throw explainWriteError(error, path)
  }
}

/** Writes the file as a whole or not at all; throws UserError. */
export async function writeOutput(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeWhole(path, content)
  } catch (error) {
    throw explainFileError(error, path)
  }
}
