import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../src-main/package-root.ts'

/** Electron's program, or why it can't be started here. */
export function findElectron(): { executable: string } | { reason: string } {
  const folder = join(packageRoot, 'node_modules', 'electron')
  const note = join(folder, 'path.txt')
  if (!existsSync(note)) return { reason: 'the binary of Electron is not installed' }
  const executable = join(folder, 'dist', readFileSync(note, 'utf8').trim())
  if (!existsSync(executable)) return { reason: `the binary of Electron is missing at ${executable}` }
  const { DISPLAY, WAYLAND_DISPLAY } = process.env
  if (process.platform === 'linux' && !DISPLAY && !WAYLAND_DISPLAY)
    return { reason: 'there is no display (run it with xvfb-run)' }
  return { executable }
}
