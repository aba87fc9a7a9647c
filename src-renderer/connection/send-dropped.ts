import { withoutEnding } from '../../src-shared/checkpoint-endings.ts'
import type { Dropped } from './dropped.ts'
import { findSets } from './parts-of.ts'
import type { UploadOptions } from './upload-file.ts'

export type SendOptions = {
  /** Hears how far all is, 0..1. */
  onProgress?: (fraction: number) => void
  signal?: AbortSignal | undefined
}
type Upload = (file: File, options: UploadOptions) => Promise<string>

/**
 * Sends what was dropped to the lab, one file after the other, and gives the paths there that are to be opened: of folders
 * their own, and of files that lie in parts the first. Such belong together and get a folder of their own. Throws UserError,
 * CancelledError.
 */
export async function sendDropped(
  dropped: readonly Dropped[],
  upload: Upload,
  options: SendOptions
): Promise<string[]> {
  const { onProgress, signal } = options
  const all = dropped.flatMap(({ files }) => files.map(({ file }) => file))
  const total = all.reduce((sum, { size }) => sum + size, 0)
  // The same things dropped again go to the same place, where equal files are kept once.
  const place = `${total.toString(36)}-${Math.max(0, ...all.map(({ lastModified }) => lastModified)).toString(36)}`
  let done = 0
  async function send(file: File, into: readonly string[]): Promise<string> {
    const onBytes = (bytes: number) => onProgress?.(total > 0 ? (done + bytes) / total : 1)
    const path = await upload(file, { into, onBytes, signal })
    done += file.size
    return path
  }

  const paths: string[] = []
  for (const { main, parts } of await findSets(dropped.filter(({ isFolder }) => !isFolder).flatMap(filesOf))) {
    const into = parts.length > 0 ? [place, withoutEnding(main.name)] : []
    for (const part of parts) await send(part, into)
    paths.push(await send(main, into))
  }
  for (const { name, files } of dropped.filter(({ isFolder }) => isFolder)) {
    let root = ''
    for (const { folders, file } of files) {
      const path = await send(file, [place, name, ...folders])
      root ||= ancestor(path, folders.length + 1)
    }
    paths.push(root)
  }
  return paths
}

const filesOf = ({ files }: Dropped): File[] => files.map(({ file }) => file)

/** The folder that lies so many steps above a path, of the lab's system. */
function ancestor(path: string, steps: number): string {
  let folder = path
  for (let i = 0; i < steps; i++) folder = folder.slice(0, Math.max(folder.lastIndexOf('/'), folder.lastIndexOf('\\')))
  return folder
}
