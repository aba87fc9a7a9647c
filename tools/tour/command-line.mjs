import { createRunner } from '../run-interruptible.mjs'

/** The arguments as they are typed into a shell. */
export const quoteForShell = (args) =>
  args.map((word) => (/^[\w@%+=:,./\\-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ')

/** Runs commands of the command line `cli`, one after the other; `run` gives the exit status of `autodidact ARGS`. */
export function createCommandLine(cli) {
  const { run, wasInterrupted } = createRunner()
  return { run: async (args) => (await run(process.execPath, [cli, ...args])).status, wasInterrupted }
}
