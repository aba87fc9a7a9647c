import { UserError } from '../src-shared/errors.ts'

const sentences: Record<string, (path: string) => string> = {
  ENOENT: (path) => `${path} does not exist.`,
  ENOTDIR: (path) => `${path} cannot be reached: a part of the path is a file, not a folder.`,
  EISDIR: (path) => `${path} is a folder, not a file.`,
  EEXIST: (path) => `${path} exists already.`,
  ENOTEMPTY: (path) => `${path} is a folder that is not empty.`,
  EACCES: (path) => `There is no permission to use ${path}.`,
  EPERM: (path) => `There is no permission to use ${path}.`,
  EROFS: (path) => `${path} lies on a disk that can only be read; choose another place.`,
  ENOSPC: (path) => `The disk that holds ${path} is full; free some space and try again.`,
  EDQUOT: (path) => `The quota of the disk that holds ${path} is used up; free some space and try again.`,
  EFBIG: (path) => `${path} is larger than its disk allows.`,
  ERR_FS_FILE_TOO_LARGE: (path) => `${path} is larger than 2 GiB and cannot be read at once.`,
  ENAMETOOLONG: (path) => `${path} is too long a name for this disk.`,
  ELOOP: (path) => `${path} is a link that leads back to itself.`,
  EMFILE: (path) => `${path} cannot be opened: too many files are open; close some programs and try again.`,
  ENFILE: (path) => `${path} cannot be opened: too many files are open; close some programs and try again.`,
  EBUSY: (path) => `${path} is in use by another program.`,
  EIO: (path) => `The disk that holds ${path} reports an error.`,
  ERR_INVALID_ARG_VALUE: (path) => `${JSON.stringify(path)} is not a path.`
}

/** The sentence for a failed use of the file or folder at `path`; an error that is one already stays as it is. */
export function explainFileError(error: unknown, path: string): UserError {
  if (error instanceof UserError) return error
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''
  const sentence = Object.hasOwn(sentences, code) ? sentences[code] : undefined
  if (sentence) return new UserError(sentence(path), { cause: error })
  const message = error instanceof Error ? error.message : String(error)
  return new UserError(`${path} cannot be used: ${message.replace(/\.?\s*$/, '.')}`, { cause: error })
}

/** Writing into a folder that is missing says so, instead of naming a file that was not there to begin with. */
export function explainWriteError(error: unknown, path: string): UserError {
  const missing = typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT'
  if (!missing) return explainFileError(error, path)
  return new UserError(`${path} cannot be written: its folder does not exist.`, { cause: error })
}
