import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromiumPath } from '../../helpers/chromium.ts'

/** The program of the system's Chromium. Throws where there is none. */
export function findChromium(): string {
  const path = chromiumPath()
  if (path === null) throw new Error('No Chromium is found: install one, or set CHROMIUM_PATH to a Chrome or Edge.')
  return path
}

/** A Chromium without windows that others connect to. */
export type Chromium = {
  /** For Playwright's `connectOverCDP`. */
  endpoint: string
  end(): Promise<void>
}

/** Starts a Chromium with a profile of its own. Throws where there is none, or it does not start. */
export async function startChromium(): Promise<Chromium> {
  const profile = mkdtempSync(join(tmpdir(), 'autodidact-chromium-'))
  const args = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--no-first-run',
    '--no-default-browser-check',
    '--remote-debugging-port=0',
    // A pipe that nobody uses: Chromium ends with whoever holds its other end, however that ends.
    '--remote-debugging-pipe',
    `--user-data-dir=${profile}`,
    'about:blank'
  ]
  // A group of its own, because Debian's program is a script around the real one.
  const child = spawn(findChromium(), args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'], detached: true })
  const kill = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It has just ended.
    }
  }
  process.once('exit', kill)
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let said = ''
  const endpoint = await new Promise<string>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`Chromium ended at once: ${said}`)))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4000)
      const address = /DevTools listening on (ws:\S+)/.exec(said)?.[1]
      if (address) resolve(address)
    })
  })
  return {
    endpoint,
    async end() {
      process.off('exit', kill)
      kill()
      await ended
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    }
  }
}
