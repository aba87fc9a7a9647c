import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal } from './refusal.mjs'

function readLock(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return undefined
  }
}

/** Whether node_modules holds every package of package-lock.json in its version; npm notes what it installed. */
export function arePackagesInstalled(root) {
  const wanted = readLock(join(root, 'package-lock.json'))
  const installed = readLock(join(root, 'node_modules', '.package-lock.json'))
  if (!wanted || !installed) return false
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || entry.link || installed[path]?.version === entry.version
  )
}

/** Installs the packages of package-lock.json unless they are there; throws a Refusal if npm fails. */
export function ensurePackages(context) {
  const { root, env, run, say } = context
  if (arePackagesInstalled(root)) return
  say('installing packages (npm ci)')
  const npm = env.npm_execpath && existsSync(env.npm_execpath) ? [process.execPath, env.npm_execpath] : ['npm']
  const command = existsSync(join(root, 'package-lock.json')) ? 'ci' : 'install'
  const args = [...npm.slice(1), command, '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  const shell = context.platform === 'win32' && npm[0] === 'npm'
  const result = run(npm[0], args, { cwd: root, show: true, shell })
  if (result.missing) throw new Refusal('npm is not found; install Node with npm and run this again.')
  if (!result.ok) {
    throw new Refusal(
      'npm could not install the packages (see above); check the network connection and run this again.'
    )
  }
}
