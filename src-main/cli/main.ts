#!/usr/bin/env node
import { explainFileError } from '../file-errors.ts'
import { writeText } from './io.ts'
import { interruptedStatus } from './report-error.ts'
import { runCli } from './run-cli.ts'

const controller = new AbortController()
let outputFailed = false

// A reader that went away (`autodidact inspect run | head`) is no failure; a full disk is.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' || outputFailed) return
  outputFailed = true
  process.stderr.write(`${explainFileError(error, 'the output').message}\n`)
})
process.stderr.on('error', () => {})

for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => {
    if (controller.signal.aborted) {
      // A progress bar switches line wrapping off.
      if (process.stderr.isTTY) process.stderr.write('\x1b[?7h\n')
      process.exit(interruptedStatus)
    }
    controller.abort()
  })

const status = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  createEngine: async (options) => (await import('../engine/engine.ts')).createEngine(options),
  signal: controller.signal
})
await writeText(process.stdout, '')
// Backends keep threads and timers alive.
process.exit(status === 0 && outputFailed ? 1 : status)
