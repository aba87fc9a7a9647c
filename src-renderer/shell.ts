import type { ExportFormat } from '../src-shared/contract.ts'
import { UserError } from '../src-shared/errors.ts'
import type { LabContract } from '../src-shared/lab-contract.ts'
import { shellCalls, type ShellContract } from '../src-shared/shell-contract.ts'
import { takeDropped } from './connection/dropped.ts'
import { keepConnected } from './connection/keep-connected.ts'
import { desktopBridge, openCarrier, type DesktopBridge } from './connection/open-carrier.ts'
import { findSets } from './connection/parts-of.ts'
import { sendDropped, type SendOptions } from './connection/send-dropped.ts'
import { uploadFile } from './connection/upload-file.ts'

type Bytes = Uint8Array<ArrayBuffer>
/** `name` is that of the file, without its ending. */
export type WeightsRequest = { path: string; name: string; format: ExportFormat }
const weightsEndings: Record<ExportFormat, string> = { safetensors: '.safetensors', pytorch: '.pth', tfjs: '.zip' }

/** What surrounds the page, the same for the desktop's window and for a browser. Calls throw UserError. */
export type Shell = Omit<ShellContract, 'saveFile' | 'pickPlace' | 'copyImage' | 'copyText'> & {
  /** Saves a file: where the user says, or among the browser's downloads. Gives its path or name; null where none was chosen. */
  save(name: string, bytes: Bytes): Promise<string | null>
  /**
   * Exports a checkpoint's weights through the engine, never through this page, however large: to where the user says, or
   * among the browser's downloads. Gives its path or name; null where no place was chosen.
   */
  saveWeights(request: WeightsRequest, engine: Pick<LabContract, 'exportCheckpoint'>): Promise<string | null>
  /** Puts a PNG on the clipboard. */
  copyImage(png: Bytes): Promise<void>
  copyText(text: string): Promise<void>
  /**
   * Paths of the files and folders of a drop that are to be opened; a browser sends them to the lab first. To be called while
   * the drop is handled.
   */
  pathsOf(transfer: DataTransfer, options?: SendOptions): Promise<string[]>
  /** Lets the lab delete what a drop sent to it, for it was refused; null where drops are not sent but lie where they lay. */
  dropSent: ((path: string) => Promise<void>) | null
}

/** The shell of this page. */
export function connectShell(): Promise<Shell> {
  const { calls } = keepConnected(shellCalls, () => openCarrier('shell'))
  const bridge = desktopBridge()
  return Promise.resolve({ ...calls, ...(bridge ? desktopParts(calls, bridge) : servedParts) })
}

type OwnParts = Pick<Shell, 'save' | 'saveWeights' | 'copyImage' | 'copyText' | 'pathsOf' | 'dropSent'>

function desktopParts(calls: ShellContract, bridge: DesktopBridge): OwnParts {
  return {
    save: async (name, bytes) => (await calls.saveFile({ name, bytes })).path,
    async saveWeights({ path, name, format }, engine) {
      const place = (await calls.pickPlace({ name: `${name}${weightsEndings[format]}` })).path
      return place && (await engine.exportCheckpoint({ path, out: place, format })).out
    },
    copyImage: async (png) => void (await calls.copyImage({ png })),
    copyText: async (text) => void (await calls.copyText({ text })),
    async pathsOf(transfer) {
      const sets = await findSets([...transfer.files])
      const files = sets.map(({ main }) => main)
      const paths = files.map((file) => bridge.pathForFile(file))
      const lost = files.find((_file, i) => !paths[i])
      if (lost) throw new UserError(`${lost.name} has no place on the disk; save it first, then open it from there.`)
      return paths
    },
    dropSent: null
  }
}

const servedParts: OwnParts = {
  save(name, bytes) {
    const url = URL.createObjectURL(new Blob([bytes]))
    download(url, name)
    // The browser reads it a little later.
    setTimeout(() => URL.revokeObjectURL(url), 60_000)
    return Promise.resolve(name)
  },
  async saveWeights({ path, name, format }, engine) {
    const { out } = await engine.exportCheckpoint({ path, out: null, format })
    const file = `${name}${weightsEndings[format]}`
    download(`/exports/${out.split(/[\\/]/).at(-1)}`, file)
    return file
  },
  copyImage: (png) =>
    copy(() => navigator.clipboard.write([new ClipboardItem({ 'image/png': new Blob([png], { type: 'image/png' }) })])),
  copyText: (text) => copy(() => navigator.clipboard.writeText(text)),
  pathsOf(transfer, options = {}) {
    const read = takeDropped(transfer)
    return read().then((dropped) => sendDropped(dropped, uploadFile, options))
  },
  async dropSent(path) {
    await fetch(`/upload/refused?path=${encodeURIComponent(path)}`, { method: 'POST' })
  }
}

/** Puts what lies at an address among the browser's downloads. */
function download(address: string, name: string): void {
  Object.assign(document.createElement('a'), { href: address, download: name }).click()
}

async function copy(write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch {
    throw new UserError('The browser did not let the page copy; click into the page and try again.')
  }
}
