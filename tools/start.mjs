import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRunner } from './run-interruptible.mjs'
import { runAfterSetup } from './setup.mjs'
import { createContext } from './setup/context.mjs'
import { help, readArguments } from './start/arguments.mjs'
import { openLab } from './start/open-lab.mjs'

// `npm start`: set-up where needed, then the lab, in a window or in the browser.
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const say = (sentence) => process.stderr.write(`${sentence}\n`)

async function start() {
  const choice = readArguments(process.argv.slice(2), { env: process.env, cwd: process.cwd() })
  if (choice.isHelp) {
    process.stdout.write(`${help}\n`)
    return 0
  }
  // Only from here on: set-up ends at Ctrl-C by itself.
  return runAfterSetup(() => openLab(choice, { context: createContext(root), runner: createRunner(), say }))
}

try {
  process.exitCode = await start()
} catch (error) {
  if (error.status === undefined) throw error
  say(error.message)
  process.exitCode = error.status
}
