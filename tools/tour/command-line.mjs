import { spawn } from 'node:child_process'

const isWindows = process.platform === 'win32'
/** npm passes an interrupt on that the terminal has sent already: within this time it is the same one. */
const sameInterruptMs = 1000

/** The arguments as they are typed into a shell. */
export const quoteForShell = (args) =>
  args.map((word) => (/^[\w@%+=:,./\\-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ')

/**
 * Runs commands of the command line `cli`, one after the other, with this program's output. `wasInterrupted` tells of
 * a Ctrl-C between two of them. The one that runs gets each interrupt once, whoever sent it and to whom: it is not in
 * the terminal's foreground group (on Windows the console does the same by itself).
 */
export function createCommandLine(cli) {
  let child
  let interruptedAt
  const interrupt = (signal) => {
    const now = performance.now()
    if (interruptedAt !== undefined && now - interruptedAt < sameInterruptMs) return
    interruptedAt = now
    if (!isWindows) child?.kill(signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM')
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupt)

  /** The exit status of `autodidact ARGS`. */
  const run = (args) =>
    new Promise((resolve) => {
      child = spawn(process.execPath, [cli, ...args], { stdio: ['ignore', 'inherit', 'inherit'], detached: !isWindows })
      child.on('error', () => resolve(1))
      child.on('close', (code) => {
        child = undefined
        resolve(code ?? 1)
      })
    })
  return { run, wasInterrupted: () => interruptedAt !== undefined }
}
