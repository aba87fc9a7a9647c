import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { _electron } from 'playwright-core'
import { describe, it } from 'vitest'
import { packageRoot } from '../../src-main/package-root.ts'
import { useFixture } from './fixture/build-fixture.ts'
import { describeClosedDoors } from './story/closed-doors.ts'
import { describeFilesAndMenu } from './story/files-and-menu.ts'
import { describePortsAndEngine } from './story/ports-and-engine.ts'
import type { Launch } from './story/world.ts'

// The same as desktop.test.ts in Electron itself, where its binary is there and something to show windows on.

/** Electron's program, or why it can't be started here. */
function findElectron(): { executable: string } | { reason: string } {
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

const found = findElectron()
if ('reason' in found) {
  it.skip(`SKIPPED: the desktop in Electron itself was NOT tested, because ${found.reason}`, () => undefined)
} else {
  const { executable } = found
  const root = useFixture()
  // Chromium refuses its sandbox to root.
  const switches = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const launch: Launch = ({ root, args = [], env = {} }) =>
    _electron.launch({
      executablePath: executable,
      args: [...switches, root, '--', ...args],
      env: { ...(process.env as Record<string, string>), ...env }
    })
  describe('in Electron', () => {
    describePortsAndEngine(launch, root)
    describeClosedDoors(launch, root)
    describeFilesAndMenu(launch, root)
  })
}
