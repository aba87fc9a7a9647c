import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { packageFolder } from './context.mjs'
import { hasDisplay } from './display.mjs'

const patienceMs = 10 * 60 * 1000
const retry = 'npm start -- --retry-electron'

/** What set-up remembers of Electron's binary: a version that could not be had. */
export const electronStateFile = (root) => join(root, 'node_modules', '.autodidact', 'electron.json')

const readText = (file) => (existsSync(file) ? readFileSync(file, 'utf8').trim() : '')

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) ?? {}
  } catch {
    return {}
  }
}

/** Electron's program; undefined where its binary is not there, not whole, or another version's. Loads nothing of it. */
export function findElectron(context) {
  const folder = packageFolder(context, 'electron')
  const program = readText(join(folder, 'path.txt'))
  const dist = context.env.ELECTRON_OVERRIDE_DIST_PATH || join(folder, 'dist')
  if (!program || !existsSync(join(dist, program))) return undefined
  const isOverridden = Boolean(context.env.ELECTRON_OVERRIDE_DIST_PATH)
  const version = readText(join(dist, 'version')).replace(/^v/, '')
  return isOverridden || version === readJson(join(folder, 'package.json')).version ? join(dist, program) : undefined
}

/**
 * Gets Electron's binary where a window can be shown: `{ path, reason }`, an empty path with one sentence why there is
 * none (an empty one where none is wanted: without a display, and in CI). A download that failed is remembered and not
 * tried again but for `isRetry`. Never throws: the lab works without.
 */
export function ensureElectron(context, { isRetry = false } = {}) {
  const { env, root, run, say } = context
  const none = (reason) => ({ path: '', reason })
  if (!hasDisplay(context)) return none('')
  const found = findElectron(context)
  if (found) return { path: found, reason: '' }
  const installer = join(packageFolder(context, 'electron'), 'install.js')
  if ((env.CI && env.CI !== 'false') || !existsSync(installer)) return none('')
  const { version } = readJson(join(packageFolder(context, 'electron'), 'package.json'))
  const state = readJson(electronStateFile(root))
  if (!isRetry && state.version === version && state.reason) {
    return none(`Electron could not be had earlier, so the lab opens in the browser; ${retry} tries again.`)
  }
  say('downloading Electron for the desktop window (about 120 MB, once)')
  run(process.execPath, ['--stack-trace-limit=0', installer], { cwd: root, show: true, timeout: patienceMs })
  const path = findElectron(context) ?? ''
  const reason = path ? '' : `Electron could not be downloaded, so the lab opens in the browser; ${retry} tries again.`
  mkdirSync(dirname(electronStateFile(root)), { recursive: true })
  writeFileSync(electronStateFile(root), `${JSON.stringify({ version, reason }, null, 2)}\n`)
  return { path, reason }
}
