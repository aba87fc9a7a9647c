import { fork, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { chromium, type Browser, type ElectronApplication, type Page } from 'playwright-core'
import { startChromium, type Chromium } from './chromium.ts'

/** What a test may do with the desktop: the same for the stand-in and for the real program started by Playwright. */
export type DesktopApp = Pick<ElectronApplication, 'evaluate' | 'firstWindow' | 'windows' | 'close' | 'process'>

export type LaunchOptions = {
  /** The built main module. */
  main: string
  /** Files to open, and other arguments. */
  args?: string[]
  env?: Record<string, string>
  /** One that several use; otherwise it has its own. */
  chromium?: Chromium
  /** Keeps what it writes on stderr from the terminal. */
  isQuiet?: boolean
}

type Answer = { id?: number; value?: unknown; error?: string; window?: string }

/** Milliseconds that a start or an end may take before a test gives up. */
const patienceMs = 30_000

/** Starts the built desktop with the stand-in in place of Electron. */
export async function launchStandIn(options: LaunchOptions): Promise<DesktopApp> {
  const { main, args = [], env = {}, isQuiet = false } = options
  const browser = options.chromium ?? (await startChromium())
  const register = new URL('./register.mjs', import.meta.url).href
  const child = fork(main, args, {
    execArgv: ['--import', register],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    env: { ...process.env, ...env, STAND_IN_CHROMIUM: browser.endpoint }
  })
  if (!isQuiet) child.stderr?.pipe(process.stderr, { end: false })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const pages = new PageList(await chromium.connectOverCDP(browser.endpoint))
  const waiting = new Map<number, (answer: Answer) => void>()
  child.on('message', (answer: Answer) => {
    if (answer.window !== undefined) void pages.add(answer.window)
    else if (answer.id !== undefined) waiting.get(answer.id)?.(answer)
  })
  let last = 0

  const evaluate = (run: string | ((...args: never[]) => unknown), arg?: unknown) =>
    new Promise((resolve, reject) => {
      const id = ++last
      const end = () => reject(new Error('The desktop has ended.'))
      child.once('exit', end)
      waiting.set(id, ({ value, error }) => {
        waiting.delete(id)
        child.off('exit', end)
        if (error === undefined) resolve(value)
        else reject(new Error(error))
      })
      child.send({ id, source: String(run), arg })
    })

  async function close(): Promise<void> {
    if (isAlive(child)) evaluate('({ app }) => app.quit()').catch(() => undefined)
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
    await ended
    clearTimeout(timer)
    await pages.leave()
    if (!options.chromium) await browser.end()
  }

  const app = {
    evaluate,
    firstWindow: () => Promise.race([pages.first(), ended.then(noWindow)]),
    windows: () => pages.open(),
    process: () => child,
    close
  }
  return app as unknown as DesktopApp
}

const noWindow = (): never => {
  throw new Error('The desktop has ended without a window.')
}

const isAlive = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null

/** The pages that stand for windows, among all of a browser. */
class PageList {
  private readonly pages: Page[] = []
  private readonly waiting: ((page: Page) => void)[] = []

  constructor(private readonly browser: Browser) {}

  async add(targetId: string): Promise<void> {
    const context = this.browser.contexts()[0]!
    for (const page of context.pages()) {
      const client = await context.newCDPSession(page)
      const { targetInfo } = await client.send('Target.getTargetInfo')
      await client.detach()
      if (targetInfo.targetId !== targetId) continue
      this.pages.push(page)
      for (const resolve of this.waiting.splice(0)) resolve(page)
      return
    }
    // The browser has told the other side first.
    setTimeout(() => void this.add(targetId), 50)
  }

  /** Lets go of the browser, without the pages of the program that has ended. */
  async leave(): Promise<void> {
    await Promise.all(this.open().map((page) => page.close().catch(() => undefined)))
    await this.browser.close()
  }

  open = () => this.pages.filter((page) => !page.isClosed())

  first(): Promise<Page> {
    const [page] = this.open()
    if (page) return Promise.resolve(page)
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('The desktop has opened no window.')), patienceMs)
      this.waiting.push((opened) => {
        clearTimeout(timer)
        resolve(opened)
      })
    })
  }
}

/** The built main module of a folder laid out as the package is. */
export const mainOf = (root: string): string => join(root, 'out', 'main.js')
