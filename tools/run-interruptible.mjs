import { spawn } from 'node:child_process'

const isWindows = process.platform === 'win32'
/** npm passes an interrupt on that the terminal has sent already: within this time it is the same one. */
const sameInterruptMs = 1000

/**
 * Runs programs, one after the other, each with this program's output unless `stdio` says otherwise. `wasInterrupted`
 * tells of a Ctrl-C, also between two of them. The one that runs gets each interrupt once, whoever sent it and to whom:
 * it is not in the terminal's foreground group (on Windows the console does the same by itself), so what it has started
 * is left for it to end.
 */
export function createRunner() {
  let child
  let interruptedAt
  const interrupt = (signal) => {
    const now = performance.now()
    if (interruptedAt !== undefined && now - interruptedAt < sameInterruptMs) return
    interruptedAt = now
    if (!isWindows) child?.kill(signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM')
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, interrupt)

  /** Runs `program`; gives `{ status, error }`, 1 and the error where it cannot be started. `onStart` gets the child. */
  const run = (program, args, { onStart, ...options } = {}) =>
    new Promise((resolve) => {
      const defaults = { stdio: ['ignore', 'inherit', 'inherit'], detached: !isWindows }
      child = spawn(program, args, { ...defaults, ...options })
      child.on('error', (error) => resolve({ status: 1, error }))
      child.on('close', (code) => {
        child = undefined
        resolve({ status: code ?? 1 })
      })
      onStart?.(child)
    })
  /** Lets go of the signals. */
  const release = () => signals.forEach((signal) => process.off(signal, interrupt))
  return { run, release, wasInterrupted: () => interruptedAt !== undefined }
}
