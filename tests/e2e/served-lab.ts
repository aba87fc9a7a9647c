import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../helpers/chromium.ts'
import { ensureBuilt } from '../helpers/built.ts'
import { id, patienceMs, type Stage } from './story.ts'

/** A built lab that serves a folder of its own, and a browser that looks at it. */
export type ServedLab = {
  root: string
  /** Where the lab keeps its things. */
  home: string
  url: string
  server: ChildProcess
  browser: Browser
  newPage(): Promise<Page>
  /** Everything that went wrong on the pages: errors of scripts, and what the page's policy refused. */
  problems: string[]
  close(): Promise<void>
}

export type ServedLabOptions = { port?: number; root?: string; home?: string; env?: Record<string, string> }

/** Starts the built `serve` and a browser; both end with `close`, which removes the folder if it made it. */
export async function startServedLab({ port = 0, root: given, env = {} }: ServedLabOptions = {}): Promise<ServedLab> {
  const out = await ensureBuilt('node', 'page')
  const root = given ?? mkdtempSync(join(tmpdir(), 'autodidact-lab-'))
  mkdirSync(root, { recursive: true })
  const args = [join(out, 'cli.js'), 'serve', '--root', root, '--port', String(port), '--json']
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  let said = ''
  server.stderr.on('data', (text: Buffer) => (said = (said + text.toString()).slice(-4000)))
  const { url, home } = await new Promise<{ url: string; home: string }>((resolve, reject) => {
    let text = ''
    server.stdout.on('data', (more: Buffer) => {
      text += more.toString()
      if (text.includes('}')) resolve(JSON.parse(text))
    })
    server.once('exit', () => reject(new Error(`The lab did not start: ${said}`)))
  })
  const browser = await launchChromium()
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, acceptDownloads: true })
  const problems: string[] = []
  return {
    root,
    home,
    url,
    server,
    browser,
    problems,
    async newPage() {
      const page = await context.newPage()
      page.on('pageerror', (error) => problems.push(error.stack ?? error.message))
      page.on('console', (message) => {
        if (message.type() === 'error' && /Content Security Policy|Refused/.test(message.text()))
          problems.push(message.text())
      })
      await page.goto(url)
      return page
    },
    async close() {
      await browser.close()
      const ended = new Promise((resolve) => server.once('exit', resolve))
      if (server.exitCode === null && server.kill('SIGTERM')) await ended
      if (!given) rmSync(root, { recursive: true, force: true, maxRetries: 5 })
    }
  }
}

/** The story's stage in a browser. */
export async function servedStage(lab: ServedLab): Promise<Stage> {
  let page = await lab.newPage()
  return {
    get page() {
      return page
    },
    async openFile(path) {
      await page.click(id('open'))
      await page
        .getByRole('dialog')
        .getByRole('button', { name: basename(path) })
        .click({ timeout: patienceMs })
      await page.getByRole('dialog').getByRole('button', { name: 'Open', exact: true }).click()
    },
    async saved(act) {
      const waiting = page.waitForEvent('download', { timeout: patienceMs })
      await act()
      const download = await waiting
      return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) }
    },
    async reopen() {
      await page.close()
      page = await lab.newPage()
      return page
    }
  }
}
