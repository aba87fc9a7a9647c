import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir, hostname } from 'node:os'
import { join } from 'node:path'
import { Refusal } from './refusal.mjs'

/** The per-user folder that keeps libraries and built addons for every clone. */
export function cacheFolder({ env, platform }) {
  if (env.AUTODIDACT_CACHE) return env.AUTODIDACT_CACHE
  const home = env.HOME || homedir()
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'autodidact')
  return join(env.XDG_CACHE_HOME || join(home, '.cache'), 'autodidact')
}

/** Makes the cache folder; throws a Refusal if it cannot be written. */
export function makeCacheFolder(context) {
  const folder = cacheFolder(context)
  try {
    mkdirSync(folder, { recursive: true })
    const probe = join(folder, `.probe-${process.pid}`)
    writeFileSync(probe, '')
    rmSync(probe)
    return folder
  } catch {
    throw new Refusal(`The cache folder ${folder} cannot be written; set AUTODIDACT_CACHE to a folder of yours.`)
  }
}

const longestHoldMs = 60 * 60 * 1000

function isAbandoned(file) {
  try {
    const { pid, host } = JSON.parse(readFileSync(file, 'utf8'))
    if (host !== hostname()) return Date.now() - statSync(file).mtimeMs > longestHoldMs
    process.kill(pid, 0)
    return false
  } catch (error) {
    // ESRCH: its process is gone. A file that is not JSON yet was created this moment, unless it is old.
    if (error instanceof SyntaxError) return Date.now() - statSync(file).mtimeMs > 10_000
    return error.code === 'ESRCH'
  }
}

/** Runs `work` while no other set-up of this user does; a second one waits, an abandoned lock is taken over. */
export async function withLock(folder, say, work, pollMs = 300) {
  const file = join(folder, 'set-up.lock')
  for (let isWaiting = false; ; isWaiting = true) {
    try {
      writeFileSync(file, JSON.stringify({ pid: process.pid, host: hostname() }), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (existsSync(file) && isAbandoned(file)) rmSync(file, { force: true })
    else {
      if (!isWaiting) say('another set-up is at work; waiting for it')
      await new Promise((resolve) => setTimeout(resolve, pollMs))
    }
  }
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}
