// A program of its own, built to out/engine-process.js: answers the windows of the lab, reads files and keeps the jobs.
// It computes no tensors. argv[2] is its configuration, JSON.
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { backendNames } from '../../src-shared/contract.ts'
import { labCalls } from '../../src-shared/lab-contract.ts'
import { serve } from '../../src-shared/rpc.ts'
import { serveHost } from './host/connections.ts'
import { findParentPort } from './host/parent-port.ts'
import { brokerHost } from './jobs/broker-host.ts'
import { forkHost } from './jobs/fork-host.ts'
import { createLab, type Lab, type LabOptions } from './lab.ts'
import { lockHome } from './runs/run-lock.ts'

const configSchema = z.object({
  home: z.string().min(1),
  roots: z.array(z.string().min(1)).nullable(),
  backend: z.enum(backendNames).optional()
})

function readConfig(): z.infer<typeof configSchema> {
  try {
    return configSchema.parse(JSON.parse(process.argv[2] ?? ''))
  } catch {
    process.stderr.write('The engine process takes its configuration as one argument: {"home", "roots", "backend"?}.\n')
    process.exit(2)
  }
}

// What goes wrong beside every call is said, and takes no other call with it.
const report = (error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
}
process.stderr.on('error', () => undefined)
process.on('uncaughtException', report)
process.on('unhandledRejection', report)
// Ctrl-C in a terminal reaches every process of the group; the host decides when the engine ends.
process.on('SIGINT', () => undefined)
process.on('SIGHUP', () => undefined)

/** One that was told to end may still be saving its runs. */
const homePatienceMs = 12_000

async function start(): Promise<void> {
  const { home, roots, backend } = readConfig()
  const parent = findParentPort()
  const host = parent ? brokerHost(parent) : forkHost(join(dirname(fileURLToPath(import.meta.url)), 'job-process.js'))
  let ending: Promise<void> | null = null
  const end = () => {
    ending ??= opened
      .then(({ lab, unlock }) => lab.close().catch(report).then(unlock))
      .catch(() => undefined)
      .finally(() => process.exit(0))
  }
  process.on('SIGTERM', end)
  const tellReady = serveHost({
    onConnection: (transport) => void opened.then(({ lab }) => serve(labCalls, lab.calls, transport)),
    onEnd: end
  })
  const opened = openLab({ home, roots, host, ...(backend ? { backend } : {}) })
  await opened
  tellReady()
}

async function openLab(options: LabOptions): Promise<{ lab: Lab; unlock: () => Promise<void> }> {
  await mkdir(options.home, { recursive: true }).catch(() => undefined)
  const unlock = await lockHome(options.home, homePatienceMs)
  return { lab: await createLab(options), unlock }
}

start().catch((error: unknown) => {
  report(error)
  process.exit(1)
})
