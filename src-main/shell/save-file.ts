import { existsSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { app, dialog, type BrowserWindow } from 'electron'
import { UserError } from '../../src-shared/errors.ts'
import { explainWriteError } from '../file-errors.ts'
import { writeWhole } from '../write-whole.ts'
import type { JsonFile } from './json-file.ts'
import type { Preferences } from './preferences.ts'

const kinds: Record<string, string> = {
  '.svg': 'SVG drawing',
  '.png': 'PNG picture',
  '.pdf': 'PDF document',
  '.csv': 'CSV table',
  '.safetensors': 'safetensors weights',
  '.pth': 'PyTorch weights',
  '.zip': 'ZIP archive',
  '.json': 'JSON document',
  '.html': 'HTML document',
  '.md': 'Markdown text',
  '.txt': 'Text'
}

/** A name that is one everywhere: no folders, no characters that some disk refuses; never empty. */
export function cleanName(name: string): string {
  const last = basename(name.replaceAll('\\', '/'))
  const plain = last.replace(/[<>:"|?*\x00-\x1f]/g, '-').replace(/[. ]+$/, '')
  return plain === '' ? 'figure' : plain
}

/**
 * Asks where to save, and writes the file whole or not at all; gives its path, null where the dialog was closed. Throws
 * UserError with one sentence where it can't be written.
 */
export async function saveFile(
  window: BrowserWindow,
  { name, bytes }: { name: string; bytes: Uint8Array },
  preferences: JsonFile<Preferences>
): Promise<string | null> {
  const path = await pickPlace(window, name, preferences)
  if (path === null) return null
  try {
    await writeWhole(path, bytes)
  } catch (error) {
    throw explainWriteError(error, path)
  }
  preferences.change({ lastFolder: dirname(path) })
  return path
}

/** Asks where a file of that name is to go; null where the dialog was closed. Throws UserError as completePath does. */
export async function pickPlace(
  window: BrowserWindow,
  name: string,
  preferences: JsonFile<Preferences>
): Promise<string | null> {
  const offered = cleanName(name)
  const extension = extname(offered).toLowerCase()
  const { lastFolder } = preferences.value
  const folder = lastFolder && existsSync(lastFolder) ? lastFolder : app.getPath('documents')
  const kind = kinds[extension]
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title: `Save ${offered}`,
    defaultPath: join(folder, offered),
    filters: [
      ...(kind ? [{ name: kind, extensions: [extension.slice(1)] }] : []),
      { name: 'All files', extensions: ['*'] }
    ],
    properties: ['showOverwriteConfirmation', 'createDirectory']
  })
  return canceled || !filePath ? null : completePath(filePath, extension)
}

/** Adds the extension that was left out. Throws UserError where that names another file, which nobody agreed to replace. */
export function completePath(path: string, extension: string): string {
  if (extname(path) !== '' || extension === '') return path
  const whole = `${path}${extension}`
  if (existsSync(whole))
    throw new UserError(`${whole} exists already; save again under its full name to replace it, or choose another.`)
  return whole
}
