import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureBundle } from './setup/bundle.mjs'
import { createContext } from './setup/context.mjs'
import { ensureNative } from './setup/native.mjs'
import { checkNodeVersion } from './setup/node-version.mjs'
import { ensurePackages } from './setup/packages.mjs'
import { Refusal } from './setup/refusal.mjs'
import { targetNames } from './setup/targets.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/**
 * Brings this clone into working order: packages, native backend, and what is built, by default all of it. What is done
 * already is skipped. Throws a Refusal if the lab cannot work at all; a native backend that cannot be had is only said
 * and remembered.
 */
export async function ensureSetup({ wants = { build: targetNames }, context = createContext(root) } = {}) {
  checkNodeVersion(context)
  ensurePackages(context)
  await ensureNative(context)
  ensureBundle(context, wants.build)
}

/** Runs `work` after set-up; prints a Refusal as one sentence and gives the exit status. */
export async function runAfterSetup(work, options) {
  try {
    await ensureSetup(options)
    return await work()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    process.stderr.write(`${error.message}\n`)
    return 1
  }
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = await runAfterSetup(() => {
    process.stderr.write('set-up: done\n')
    return 0
  })
}
