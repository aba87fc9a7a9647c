import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { _electron } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { packageRoot } from '../../src-main/package-root.ts'
import { launchStandIn, mainOf, type DesktopApp } from '../fakes/electron/launch.ts'
import { ensureBuilt } from '../helpers/built.ts'
import { chromiumPath } from '../helpers/chromium.ts'
import { findElectron } from '../shell/find-electron.ts'
import { id, makeUsersFile, playStory, storyOptions } from './story.ts'

type Launch = (env: Record<string, string>) => Promise<DesktopApp>

/** Plays the story on a desktop of its own; dialogs are answered by the test, everything else is the program's. */
async function playOnDesktop(launch: Launch): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'autodidact-desktop-story-'))
  const start = async () => {
    const app = await launch({ AUTODIDACT_HOME: join(folder, 'home') })
    const page = await app.firstWindow()
    await page.setViewportSize({ width: 1440, height: 900 })
    return { app, page }
  }
  let now = await start()
  const stage = {
    get page() {
      return now.page
    },
    async openFile(path: string) {
      await now.app.evaluate(({ dialog }, path) => {
        dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [path] })
      }, path)
      await now.page.click(id('open'))
    },
    async saved(act: () => Promise<void>) {
      const path = join(folder, 'saved.svg')
      await now.app.evaluate(({ dialog }, path) => {
        dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: path })
      }, path)
      await act()
      await expect.poll(() => existsSync(path), { timeout: 30_000 }).toBe(true)
      return { name: basename(path), bytes: readFileSync(path) }
    },
    async reopen() {
      await now.app.close()
      now = await start()
      return now.page
    }
  }
  try {
    await playStory(stage, makeUsersFile(folder))
  } finally {
    await now.app.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

describe.skipIf(chromiumPath() === null)('the desktop, in the stand-in for Electron (skipped without Chromium)', () => {
  beforeAll(() => ensureBuilt('node', 'preload', 'page'), 120_000)
  it('plays the story: open, train a little, probe, select, compare, export, reopen', storyOptions, () =>
    playOnDesktop((env) => launchStandIn({ main: mainOf(packageRoot), env }))
  )
})

const electron = findElectron()
if ('reason' in electron)
  it.skip(`SKIPPED: the story in Electron itself was NOT played, because ${electron.reason}`, () => undefined)
else
  it('the story, in Electron itself', storyOptions, async () => {
    await ensureBuilt('node', 'preload', 'page')
    // Chromium refuses its sandbox to root.
    const switches = process.getuid?.() === 0 ? ['--no-sandbox'] : []
    await playOnDesktop((env) =>
      _electron.launch({
        executablePath: electron.executable,
        args: [...switches, packageRoot],
        env: { ...(process.env as Record<string, string>), ...env }
      })
    )
  })
