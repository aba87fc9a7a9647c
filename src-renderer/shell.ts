import { UserError } from '../src-shared/errors.ts'
import { shellCalls, type ShellContract } from '../src-shared/shell-contract.ts'
import { keepConnected } from './connection/keep-connected.ts'
import { desktopBridge, openCarrier, type DesktopBridge } from './connection/open-carrier.ts'
import { uploadFile } from './connection/upload-file.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** What surrounds the page, the same for the desktop's window and for a browser. Calls throw UserError. */
export type Shell = Omit<ShellContract, 'saveFile' | 'copyImage' | 'copyText'> & {
  /** Saves a file: where the user says, or among the browser's downloads. Gives its path or name; null where none was chosen. */
  save(name: string, bytes: Bytes): Promise<string | null>
  /** Puts a PNG on the clipboard. */
  copyImage(png: Bytes): Promise<void>
  copyText(text: string): Promise<void>
  /** Paths of files that were dropped; a browser sends them to the lab first, and `onProgress` hears how far (0..1). */
  pathsOf(files: readonly File[], onProgress?: (fraction: number) => void): Promise<string[]>
}

/** The shell of this page. */
export function connectShell(): Promise<Shell> {
  const { calls } = keepConnected(shellCalls, () => openCarrier('shell'))
  const bridge = desktopBridge()
  return Promise.resolve({ ...calls, ...(bridge ? desktopParts(calls, bridge) : servedParts) })
}

type OwnParts = Pick<Shell, 'save' | 'copyImage' | 'copyText' | 'pathsOf'>

function desktopParts(calls: ShellContract, bridge: DesktopBridge): OwnParts {
  return {
    save: async (name, bytes) => (await calls.saveFile({ name, bytes })).path,
    copyImage: async (png) => void (await calls.copyImage({ png })),
    copyText: async (text) => void (await calls.copyText({ text })),
    async pathsOf(files) {
      const paths = files.map((file) => bridge.pathForFile(file))
      const lost = files.find((_file, i) => !paths[i])
      if (lost) throw new UserError(`${lost.name} has no place on the disk; save it first, then open it from there.`)
      return paths
    }
  }
}

const servedParts: OwnParts = {
  save(name, bytes) {
    const url = URL.createObjectURL(new Blob([bytes]))
    const link = Object.assign(document.createElement('a'), { href: url, download: name })
    link.click()
    // The browser reads it a little later.
    setTimeout(() => URL.revokeObjectURL(url), 60_000)
    return Promise.resolve(name)
  },
  copyImage: (png) =>
    copy(() => navigator.clipboard.write([new ClipboardItem({ 'image/png': new Blob([png], { type: 'image/png' }) })])),
  copyText: (text) => copy(() => navigator.clipboard.writeText(text)),
  async pathsOf(files, onProgress) {
    const total = files.reduce((sum, { size }) => sum + size, 0)
    const paths: string[] = []
    let done = 0
    for (const file of files) {
      paths.push(await uploadFile(file, (bytes) => onProgress?.(total > 0 ? (done + bytes) / total : 1)))
      done += file.size
    }
    return paths
  }
}

async function copy(write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch {
    throw new UserError('The browser did not let the page copy; click into the page and try again.')
  }
}
