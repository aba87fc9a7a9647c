import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ensureElectron } from '../setup/electron.mjs'
import { hasDisplay } from '../setup/display.mjs'
import { findLabHome, seemsServed } from './home.mjs'
import { openInBrowser } from './open-in-browser.mjs'

/** A window that ends so soon, and not well, has not been opened. */
const soonMs = 10_000
/** Chromium's own log, which says nothing to a user. */
const logLine = /^\[[\d:/.]+:(INFO|WARNING|ERROR|FATAL|VERBOSE\d):/
const interruptedStatus = 130
const address = /\bhttp:\/\/127\.0\.0\.1:\d+\/\S*/

/** Opens the desktop's window; gives its exit status, undefined where it could not be opened. */
async function openWindow({ context, runner, say }, electron, paths) {
  const { ELECTRON_RUN_AS_NODE: _, ...env } = context.env
  const started = performance.now()
  let lastLine = ''
  const onStart = (child) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lastLine = line.replace(/^\[.*?\]\s*/, '') || lastLine
      if (!logLine.test(line)) process.stderr.write(`${line}\n`)
    })
  }
  const args = [context.root, ...(paths.length > 0 ? ['--', ...paths] : [])]
  const stdio = ['ignore', 'inherit', 'pipe']
  const { status, error } = await runner.run(electron, args, { env, cwd: context.root, stdio, onStart })
  if (runner.wasInterrupted()) return status === 0 ? 0 : interruptedStatus
  if (status === 0 || performance.now() - started > soonMs) return status
  const why = (error?.message ?? lastLine) || `it ended with status ${status}`
  say(`The desktop window could not be opened (${why.replace(/\.$/, '')}), so the lab opens in the browser.`)
  return undefined
}

/** Serves the lab and shows its address, or that of the process that serves it already; gives the exit status. */
async function serveLab({ context, runner, open }, port, paths) {
  const cli = join(context.root, 'out', 'cli.js')
  const args = [cli, 'serve', ...(port === undefined ? [] : ['--port', port]), '--', ...paths]
  let isOpened = false
  const onStart = (child) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      process.stdout.write(`${line}\n`)
      const [url] = address.exec(line) ?? []
      if (url && !isOpened) open(context, url)
      isOpened ||= Boolean(url)
    })
  }
  const { status } = await runner.run(process.execPath, args, {
    env: context.env,
    stdio: ['ignore', 'pipe', 'inherit'],
    onStart
  })
  return status
}

/**
 * Opens the lab, after set-up: a lab that is served already in the browser, else the desktop's window, else a lab served
 * to the browser. Ends when the lab does; gives the exit status.
 */
export async function openLab(choice, { context, runner, say, open = openInBrowser }) {
  const { isServed, isRetry, port, paths } = choice
  const world = { context, runner, say, open }
  if (!isServed && !seemsServed(findLabHome(context))) {
    const { path, reason } = ensureElectron(context, { isRetry })
    if (reason) say(reason)
    const status = path ? await openWindow(world, path, paths) : undefined
    if (status !== undefined) return status
    if (!hasDisplay(context)) say('There is no display here, so the lab is served to a browser.')
  }
  return runner.wasInterrupted() ? interruptedStatus : serveLab(world, port, paths)
}
