import { readFileSync } from 'node:fs'
import { homedir, hostname } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

/** The folder of the user's lab; as src-main/lab-home.ts finds it, which a test compares. */
export function findLabHome({ env, platform, userHome = homedir() }) {
  if (env.AUTODIDACT_HOME) return resolve(env.AUTODIDACT_HOME)
  const chosen = (path, preset) => (path && isAbsolute(path) ? path : preset)
  if (platform === 'darwin') return join(userHome, 'Library', 'Application Support', 'autodidact')
  if (platform === 'win32') return join(chosen(env.APPDATA, join(userHome, 'AppData', 'Roaming')), 'autodidact')
  return join(chosen(env.XDG_DATA_HOME, join(userHome, '.local', 'share')), 'autodidact')
}

/** Whether a process of this machine seems to serve the lab of `home`; `serve` itself makes sure. */
export function seemsServed(home) {
  try {
    const { pid, host } = JSON.parse(readFileSync(join(home, 'serve.json'), 'utf8'))
    if (host !== hostname() || !Number.isSafeInteger(pid) || pid <= 0) return false
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
