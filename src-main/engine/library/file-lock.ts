import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { isAlive } from '../../process-alive.ts'

/** What is done to one file in this process, one after the other. */
const queues = new Map<string, Promise<unknown>>()

const msBetweenTries = 15
/** A lock as old as this belongs to nobody: what is done under one takes milliseconds. */
const staleMs = 10_000
/** To write without the lock is better than not to write: each write is whole in itself. */
const patienceMs = 5_000

/** Runs `work` while no other call for `path`, of this process or another one, runs. Throws what `work` throws. */
export function withFileLock<R>(path: string, work: () => Promise<R>): Promise<R> {
  const turn = (queues.get(path) ?? Promise.resolve()).then(() => locked(`${path}.lock`, work))
  const settled = turn.catch(() => undefined)
  queues.set(path, settled)
  void settled.then(() => {
    if (queues.get(path) === settled) queues.delete(path)
  })
  return turn
}

async function locked<R>(lock: string, work: () => Promise<R>): Promise<R> {
  const isOurs = await take(lock)
  try {
    return await work()
  } finally {
    if (isOurs) await rm(lock, { force: true }).catch(() => undefined)
  }
}

/** True once the lock is this process's; false where it could not be had. */
async function take(lock: string): Promise<boolean> {
  const end = performance.now() + patienceMs
  while (performance.now() < end) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' })
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false
    }
    if (await isStale(lock)) await rm(lock, { force: true }).catch(() => undefined)
    else await setTimeout(msBetweenTries)
  }
  return false
}

async function isStale(lock: string): Promise<boolean> {
  try {
    const { mtimeMs } = await stat(lock)
    const pid = Number(await readFile(lock, 'utf8'))
    if (Date.now() - mtimeMs > staleMs) return true
    return pid > 0 && !isAlive(pid)
  } catch {
    return false
  }
}
