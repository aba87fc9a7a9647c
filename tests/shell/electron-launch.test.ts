import { _electron } from 'playwright-core'
import { describe, it } from 'vitest'
import { findElectron } from './find-electron.ts'
import { useFixture } from './fixture/build-fixture.ts'
import { describeClosedDoors } from './story/closed-doors.ts'
import { describeFilesAndMenu } from './story/files-and-menu.ts'
import { describePortsAndEngine } from './story/ports-and-engine.ts'
import type { Launch } from './story/world.ts'

// The same as desktop.test.ts in Electron itself, where its binary is there and something to show windows on.

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
