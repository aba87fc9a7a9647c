import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

type World = { env: Record<string, string | undefined>; platform: string; userHome: string }
const thisWorld = (): World => ({ env: process.env, platform: process.platform, userHome: homedir() })

/**
 * The folder where the desktop and a `serve` without `--root` keep their runs, results and jobs: AUTODIDACT_HOME, else
 * where the system wants the data of programs.
 */
export function findLabHome({ env, platform, userHome }: World = thisWorld()): string {
  if (env.AUTODIDACT_HOME) return resolve(env.AUTODIDACT_HOME)
  const chosen = (path: string | undefined, preset: string) => (path && isAbsolute(path) ? path : preset)
  if (platform === 'darwin') return join(userHome, 'Library', 'Application Support', 'autodidact')
  if (platform === 'win32') return join(chosen(env.APPDATA, join(userHome, 'AppData', 'Roaming')), 'autodidact')
  return join(chosen(env.XDG_DATA_HOME, join(userHome, '.local', 'share')), 'autodidact')
}

/** The folder of the lab that `serve --root` keeps inside its root. */
export const labHomeBelow = (root: string): string => join(resolve(root), 'autodidact-lab')
