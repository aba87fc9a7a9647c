import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeCacheFolder } from '../../../tools/setup/cache.mjs'

const context = { env: process.env, platform: process.platform }
const requirements = fileURLToPath(new URL('../peers/requirements.txt', import.meta.url))

const pythonIn = (folder) =>
  process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python')

/** The virtual environment of the peers, outside every clone. */
const environmentFolder = () => join(makeCacheFolder(context), 'bench', 'python')

/** A Python that has the peers' packages; null where there is none, so that the peers are left out. */
export function findPython() {
  if (process.env.AUTODIDACT_BENCH_PYTHON) return process.env.AUTODIDACT_BENCH_PYTHON
  const python = pythonIn(environmentFolder())
  return existsSync(python) ? python : null
}

/** Makes the virtual environment with the peers' packages. Throws where pip fails. */
export function installPython(say) {
  const folder = environmentFolder()
  say(`installing PyTorch and TensorFlow into ${folder} (some 5.5 GB)`)
  const run = (program, args) => {
    const { status, error } = spawnSync(program, args, { stdio: ['ignore', 2, 2] })
    if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`)
  }
  if (!existsSync(pythonIn(folder))) run(process.env.PYTHON ?? 'python3', ['-m', 'venv', folder])
  run(pythonIn(folder), ['-m', 'pip', 'install', '--requirement', requirements])
}
