import { stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import {
  clipboard,
  ClipboardItem,
  dialog,
  nativeImage,
  shell,
  type BrowserWindow,
  type OpenDialogOptions
} from 'electron'
import { checkpointEndings } from '../../src-shared/checkpoint-endings.ts'
import { UsageError, UserError } from '../../src-shared/errors.ts'
import type { Handlers } from '../../src-shared/rpc.ts'
import type { ShellCalls } from '../../src-shared/shell-contract.ts'
import { renderFile } from '../export/render-file.ts'
import { explainFileError } from '../file-errors.ts'
import type { JsonFile } from './json-file.ts'
import type { Preferences } from './preferences.ts'
import { pickPlace, saveFile } from './save-file.ts'
import type { WindowEvents } from './window-events.ts'

export type ShellParts = {
  window: BrowserWindow
  events: WindowEvents
  preferences: JsonFile<Preferences>
  version: string
  /** Puts paths into the list of what was opened lately. */
  remember(paths: string[]): void
  /** Takes another list in its place. */
  showRecent(files: readonly { path: string; isMissing: boolean }[]): void
}

const checkpointFilters = [
  // Without their dots; what a Mac calls an extension has no dot inside.
  { name: 'Checkpoints', extensions: [...checkpointEndings.map((ending) => ending.slice(1)), 'tar'] },
  { name: 'All files', extensions: ['*'] }
]

/** The dialog that asks for checkpoints' files or, where `folders`, for folders of runs and of checkpoints. */
export function openDialogOf(folders: boolean, platform: string): OpenDialogOptions {
  if (folders) return { title: 'Open folders of checkpoints', properties: ['openDirectory', 'multiSelections'] }
  return {
    title: 'Open checkpoints',
    filters: checkpointFilters,
    // A Mac's dialog takes both at once; elsewhere folders have a dialog of their own.
    properties: ['openFile', 'multiSelections', ...(platform === 'darwin' ? ['openDirectory' as const] : [])]
  }
}

/** What the desktop does for the page of one window. */
export function createShellHandlers(parts: ShellParts): Handlers<ShellCalls> {
  const { window, events, preferences, version, remember, showRecent } = parts
  return {
    environment: () => ({ kind: 'desktop', platform: process.platform, version, roots: [] }),
    async pickCheckpoints({ folders = false }) {
      const { canceled, filePaths } = await dialog.showOpenDialog(window, openDialogOf(folders, process.platform))
      const paths = canceled ? [] : filePaths
      remember(paths)
      return { paths }
    },
    showRecent({ files }) {
      showRecent(files)
      return {}
    },
    listFolder() {
      throw new UsageError('Listing folders belongs to a served lab; the desktop has a dialog.')
    },
    renderFile: async (request) => ({ bytes: await renderFile(request) }),
    saveFile: async (request) => ({ path: await saveFile(window, request, preferences) }),
    pickPlace: async ({ name }) => ({ path: await pickPlace(window, name, preferences) }),
    async copyImage({ png }) {
      if (nativeImage.createFromBuffer(Buffer.from(png)).isEmpty())
        throw new UserError('The picture could not be copied: it is not a PNG that can be read.')
      await clipboard.write([
        new ClipboardItem({ 'image/png': new Blob([new Uint8Array(png)], { type: 'image/png' }) })
      ])
      return {}
    },
    async copyText({ text }) {
      await clipboard.writeText(text)
      return {}
    },
    async showInFolder({ path }) {
      if (!isAbsolute(path)) throw new UsageError(`${JSON.stringify(path)} is not a whole path; it cannot be shown.`)
      try {
        await stat(path)
      } catch (error) {
        throw explainFileError(error, path)
      }
      shell.showItemInFolder(path)
      return {}
    },
    async watchShell(_request, { tell, signal }) {
      await events.watch(tell, signal)
      return {}
    }
  }
}
