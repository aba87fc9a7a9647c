import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { packageRoot } from '../../src-main/package-root.ts'
import { findStale } from '../../tools/setup/bundle.mjs'

/** `node`: all programs of `out/`; `preload`: `out/preload.cjs`; `page`: `out/web`. */
export type Target = 'node' | 'preload' | 'page'

/** The folder of what is built. */
export const outFolder = join(packageRoot, 'out')

function build(names: Target[]): Promise<void> {
  const program = join(packageRoot, 'tools', 'build.mjs')
  const child = spawn(process.execPath, [program, '--changed', ...names], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`node tools/build.mjs ${names.join(' ')} failed: ${said.trim()}`))
    )
  })
}

/**
 * Makes sure that `out/` holds these targets, made of the present sources; gives its folder. Every test that runs a
 * built program awaits this, at its top or in beforeAll: nothing is done where it is fresh, and where several test files
 * ask at once, one of them builds and the others wait. Throws with the build's messages if it fails.
 */
export async function ensureBuilt(...names: Target[]): Promise<string> {
  const stale = findStale(packageRoot, names) as Target[]
  if (stale.length > 0) await build(stale)
  return outFolder
}
