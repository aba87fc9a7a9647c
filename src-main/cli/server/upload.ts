import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, mkdir, open, rename, rm, rmdir, stat, statfs, type FileHandle } from 'node:fs/promises'
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path'
import type { Readable } from 'node:stream'
import { UserError } from '../../../src-shared/errors.ts'
import { explainWriteError } from '../../file-errors.ts'

export const mostUploadBytes = 4 * 2 ** 30
/** Kept free, so that a training still finds room for its checkpoints. */
const spareBytes = 256 * 2 ** 20
const longestName = 120

const reserved = /^(con|prn|aux|nul|com\d|lpt\d)$/i

/** A name that every file system takes, of whatever a browser calls a file. */
export function safeFileName(name: string): string {
  const last = name.normalize('NFC').split(/[/\\]/).at(-1) ?? ''
  const plain = last
    .replace(/[\u0000-\u001f\u007f-\u009f<>:"|?*]|\p{Surrogate}|\p{Cf}/gu, '')
    .trim()
    .replace(/^[. ]+/, '')
    .replace(/[. ]+$/, '')
  const extension = cut(extname(plain), 20)
  const stem = cut(basename(plain, extname(plain)), longestName - extension.length).trim()
  if (stem === '') return `upload${extension}`
  return reserved.test(stem.split('.')[0] ?? '') ? `_${stem}${extension}` : stem + extension
}

const mostFolders = 8

/** Folders' names that every file system takes, of the way `a/b/c` that a page gives. Throws UserError for a long one. */
export function safeFolders(way: string): string[] {
  const names = way.split('/').filter((name) => name !== '')
  if (names.length > mostFolders)
    throw new UserError(`Folders of at most ${mostFolders} levels can be sent, not of ${names.length}.`)
  return names.map(safeFileName)
}

/** The text up to so many bytes, whole characters only. */
function cut(text: string, bytes: number): string {
  let kept = ''
  for (const character of text) {
    if (Buffer.byteLength(kept + character) > bytes) break
    kept += character
  }
  return kept
}

/**
 * Deletes what a page sent and the lab refused, by its path: the file, or the folder that was made for it with its parts.
 * Does nothing of what does not lie among the uploads.
 */
export async function removeUpload(uploads: string, path: string): Promise<void> {
  const root = resolve(uploads)
  // Files in parts and folders lie in a folder of their own, two levels down.
  const own = relative(root, resolve(root, path)).split(sep).slice(0, 2)
  const inside = resolve(root, ...own)
  if (!inside.startsWith(root + sep)) return
  const parent = dirname(inside)
  if (own.length > 1 && !(await lstat(parent).catch(() => null))?.isDirectory()) return
  await rm(inside, { recursive: true, force: true })
  if (own.length > 1) await rmdir(parent).catch(() => undefined)
}

type Upload = { folder: string; name: string; body: Readable; announcedBytes: number | null; mostBytes?: number }

/**
 * Writes what a browser sends into the folder, whole or not at all, and gives its path: a number is added to a name that
 * is taken, unless by the same bytes. Throws UserError for one that is too large, does not fit on the disk, or was cut off.
 */
export async function receiveUpload({ mostBytes = mostUploadBytes, ...upload }: Upload): Promise<string> {
  const { folder, body, announcedBytes } = upload
  const name = safeFileName(upload.name)
  // One that breaks before it is read from is told by the reading.
  body.on('error', () => undefined)
  const tooLarge = () => new UserError(`${name} is larger than ${formatBytes(mostBytes)}, the most that can be sent.`)
  if ((announcedBytes ?? 0) > mostBytes) throw tooLarge()
  const target = join(folder, name)
  const temporary = join(folder, `.${randomUUID()}.tmp`)
  try {
    await mkdir(folder, { recursive: true })
    await requireSpace(folder, name, announcedBytes ?? 0)
    const file = await open(temporary, 'wx')
    let hash: string
    try {
      hash = await writeStream(file, body, mostBytes, tooLarge)
      await file.sync()
    } finally {
      await file.close()
    }
    return await moveIntoPlace(temporary, target, hash)
  } catch (error) {
    if (isCutOff(error)) throw new UserError(`${name} was cut off on its way; nothing was kept, send it again.`)
    throw explainWriteError(error, target)
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined)
  }
}

async function writeStream(
  file: FileHandle,
  body: Readable,
  mostBytes: number,
  tooLarge: () => Error
): Promise<string> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > mostBytes) throw tooLarge()
    hash.update(chunk)
    await file.writeFile(chunk)
  }
  return hash.digest('hex')
}

async function moveIntoPlace(temporary: string, target: string, hash: string): Promise<string> {
  const extension = extname(target)
  const { size } = await stat(temporary)
  for (let number = 1; ; number++) {
    const candidate =
      number === 1 ? target : `${target.slice(0, target.length - extension.length)}-${number}${extension}`
    const existing = await stat(candidate).catch(() => null)
    if (existing?.isFile() && existing.size === size && (await hashFile(candidate)) === hash) return candidate
    if (existing) continue
    // Taken by an empty file of its own first: another upload may have the same name.
    try {
      await (await open(candidate, 'wx')).close()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue
      throw error
    }
    try {
      await rename(temporary, candidate)
      return candidate
    } catch (error) {
      await rm(candidate, { force: true })
      throw error
    }
  }
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

async function requireSpace(folder: string, name: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize - spareBytes
  if (bytes > free)
    throw new UserError(
      `${name} needs ${formatBytes(bytes)}, but the lab's disk has ${formatBytes(Math.max(0, free))} to spare.`
    )
}

function isCutOff(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  return code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ABORT_ERR'
}

const formatBytes = (bytes: number): string =>
  bytes >= 2 ** 30 ? `${Number((bytes / 2 ** 30).toFixed(1))} GiB` : `${Number((bytes / 2 ** 20).toFixed(1))} MiB`
