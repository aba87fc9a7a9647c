import { UserError } from '../../src-shared/errors.ts'

/** Something that was dropped on the window, with all its files: one of its own, or those below a folder. */
export type Dropped = {
  /** Of the file or folder. */
  name: string
  isFolder: boolean
  /** `folders` are those below the dropped one that lead to the file. */
  files: { folders: string[]; file: File }[]
}

/** So many files of dropped folders are sent. */
const mostFiles = 1000
const mostDepth = 6

/**
 * What a drop holds. To be called while the drop is handled, for the browser takes it back afterwards; what it gives then
 * reads the folders, hidden files left out. That throws UserError for a folder of too many files.
 */
export function takeDropped(transfer: DataTransfer): () => Promise<Dropped[]> {
  const items = [...transfer.items].filter(({ kind }) => kind === 'file')
  const taken = items.map((item) => ({ entry: item.webkitGetAsEntry?.() ?? null, file: item.getAsFile() }))
  return async () => {
    const dropped: Dropped[] = []
    for (const { entry, file } of taken) {
      if (entry?.isDirectory) {
        const files: Dropped['files'] = []
        await readFolder(entry as FileSystemDirectoryEntry, [], files)
        if (files.length === 0) throw new UserError(`The folder ${entry.name} holds no files.`)
        dropped.push({ name: entry.name, isFolder: true, files })
      } else if (file) dropped.push({ name: file.name, isFolder: false, files: [{ folders: [], file }] })
    }
    return dropped
  }
}

async function readFolder(folder: FileSystemDirectoryEntry, folders: string[], files: Dropped['files']): Promise<void> {
  for (const entry of await entriesOf(folder)) {
    if (entry.name.startsWith('.')) continue
    if (entry.isDirectory) {
      if (folders.length < mostDepth)
        await readFolder(entry as FileSystemDirectoryEntry, [...folders, entry.name], files)
      continue
    }
    if (files.length === mostFiles)
      throw new UserError(
        `The folder ${folder.name} holds more than ${mostFiles} files, too many to send; copy it to the lab's machine and open it there.`
      )
    files.push({ folders, file: await fileOf(entry as FileSystemFileEntry) })
  }
}

async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const all: FileSystemEntry[] = []
  // A reader gives a hundred at a time.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, () => reject(new UserError(`The folder ${folder.name} could not be read.`)))
    )
    if (some.length === 0) return all
    all.push(...some)
  }
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) =>
    entry.file(resolve, () => reject(new UserError(`${entry.name} could not be read; it may have been moved.`)))
  )
