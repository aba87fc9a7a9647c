import { readFileSync, writeSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import { openCheckpoint } from '../../../../src-main/engine/checkpoint/checkpoint.ts'
import { exitCosts } from '../../../../src-main/engine/model/cost.ts'
import { UserError } from '../../../../src-shared/errors.ts'

/** What became of one file. */
export type Outcome = {
  path: string
  /** `opened`, `refused` in a sentence, or `broken`: any other error. */
  end: 'opened' | 'refused' | 'broken'
  /** The sentence, or the error's stack. */
  message: string
  /** Processor time, milliseconds, and wall time. */
  cpuMs: number
  wallMs: number
}

/** Opens a file and says what became of it; never throws. */
export async function openOne(path: string): Promise<Outcome> {
  const start = performance.now()
  const before = process.cpuUsage()
  const done = (end: Outcome['end'], message: string): Outcome => {
    const { user, system } = process.cpuUsage(before)
    return { path, end, message, cpuMs: (user + system) / 1000, wallMs: performance.now() - start }
  }
  try {
    const { format, network, misfit, outputs, preprocessing } = await openCheckpoint(path)
    // As the library does at once.
    if (network) exitCosts(network, preprocessing?.size)
    return done('opened', `${format}: ${network?.title ?? (outputs ? 'outputs' : misfit)}`)
  } catch (error) {
    if (error instanceof UserError) return done('refused', error.message)
    return done('broken', error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
}

// As a program: opens the files that are listed in a file, one after the other, and tells what became of each. It is
// started with the right to read their folder and its own code, and to write nothing.
const list = process.argv[2]
if (parentPort === null && list?.endsWith('hostile-list.json')) {
  for (const path of JSON.parse(readFileSync(list, 'utf8')) as string[]) {
    writeSync(1, `${JSON.stringify({ begins: path })}\n`)
    writeSync(1, `${JSON.stringify(await openOne(path))}\n`)
  }
  writeSync(1, `${JSON.stringify({ peakBytes: process.resourceUsage().maxRSS * 1024 })}\n`)
}
