import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { isProgram, placesOnPath } from './find-program.mjs'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge']
const macApps = ['Chromium', 'Google Chrome', 'Microsoft Edge']
const windowsPrograms = [
  'Google/Chrome/Application/chrome.exe',
  'Chromium/Application/chrome.exe',
  'Microsoft/Edge/Application/msedge.exe'
]

function usualPlaces({ env, platform }) {
  if (platform === 'darwin') {
    const folders = ['/Applications', join(env.HOME || homedir(), 'Applications')]
    return macApps.flatMap((name) => folders.map((folder) => join(folder, `${name}.app`, 'Contents', 'MacOS', name)))
  }
  if (platform === 'win32') {
    const folders = [env.ProgramFiles, env['ProgramFiles(x86)'], env.LOCALAPPDATA].filter(Boolean)
    return windowsPrograms.flatMap((program) => folders.map((folder) => join(folder, ...program.split('/'))))
  }
  return []
}

/**
 * The program of a Chromium, Chrome or Edge; undefined where there is none. CHROMIUM_PATH names it, else it is looked
 * for on PATH and where systems put it.
 */
export function findChromium(context) {
  const { env, platform, run } = context
  if (env.CHROMIUM_PATH) return isProgram(env.CHROMIUM_PATH) ? env.CHROMIUM_PATH : undefined
  const found = [...placesOnPath(names, env), ...usualPlaces(context)].filter(isProgram)
  // On Ubuntu it may be a script that only says how to install it; on Windows the question would open a window.
  return platform === 'linux' ? found.find((path) => run(path, ['--version'], { timeout: 20_000 }).ok) : found[0]
}

const hasAptLists = ({ aptLists }) =>
  existsSync(aptLists) &&
  readdirSync(aptLists).some((name) => name.endsWith('_Packages') || name.includes('_Packages.'))

/** Installs Chromium with apt-get, non-interactively; whether that went well. */
function installWithApt(context) {
  const env = { ...context.env, DEBIAN_FRONTEND: 'noninteractive' }
  const patience = ['-o', 'Acquire::Retries=1', '-o', 'Acquire::http::Timeout=20', '-o', 'DPkg::Lock::Timeout=60']
  const apt = (...args) => context.run('apt-get', [...patience, '-qq', ...args], { show: true, env }).ok
  const install = () => apt('install', '-y', '--no-install-recommends', 'chromium')
  context.say('installing Chromium for the tests in a browser (apt-get)')
  if (hasAptLists(context) && install()) return true
  return apt('update') && install()
}

const hints = {
  linux: 'Debian: apt-get install chromium; Fedora: dnf install chromium',
  darwin: 'brew install --cask chromium',
  win32: 'winget install Google.Chrome'
}

/**
 * Gets a Chromium for the tests where this machine can have it: `{ path, reason }`, an empty path with one sentence why
 * there is none. Where `mayInstall`, apt-get brings it to a Debian where we are root. Never throws.
 */
export function ensureChromium(context, { mayInstall }) {
  const { env, platform, isRoot, run } = context
  const found = findChromium(context)
  if (found) return { path: found, reason: '' }
  const none = (why) => ({ path: '', reason: `The tests in a browser are skipped: ${why}` })
  if (env.CHROMIUM_PATH) {
    const named = JSON.stringify(env.CHROMIUM_PATH)
    return none(`CHROMIUM_PATH is ${named}, which is no program; set it to a Chromium, Chrome or Edge, or unset it.`)
  }
  const canInstall = mayInstall && platform === 'linux' && isRoot && run('apt-get', ['--version']).ok
  if (!canInstall) {
    const hint = hints[platform] ? ` (${hints[platform]})` : ''
    return none(`no Chromium is found; install one${hint}, or set CHROMIUM_PATH to a Chrome or Edge.`)
  }
  const path = installWithApt(context) ? findChromium(context) : undefined
  if (path) return { path, reason: '' }
  return none(
    'apt-get could not install Chromium (see above); check the network, or set CHROMIUM_PATH to a Chrome or Edge.'
  )
}

/** The arguments of a Chromium that is driven by a program: nothing of it reaches out, and root needs no sandbox. */
export const chromiumArguments = ({ isRoot }) => [
  ...(isRoot ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run'
]
