import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../../src-shared/errors.ts'
import { explainFileError } from '../../file-errors.ts'
import { packageRoot } from '../../package-root.ts'
import { createEngineHost } from './engine-host.ts'
import { askLab, claimHome, findRunningLab, releaseHome, type RunningLab } from './lab-file.ts'
import { startLabServer } from './lab-server.ts'
import { confine } from './list-folder.ts'

export type ServeOptions = {
  home: string
  roots: string[] | null
  port: number
  version: string
  /** Checkpoints to open, absolute. */
  paths: string[]
  backend?: string
  isVerbose: boolean
  /** Programs and page; the package's own by default. */
  engineEntry?: string
  webFolder?: string
}

export type ServedLab = {
  /** With its token. */
  url: string
  pid: number
  /** Ends the server and its engine; null where the lab was being served already, by another process. */
  close: (() => Promise<void>) | null
}

/**
 * Serves the lab of `home`, or finds the process that does, and opens the checkpoints there. Throws UserError.
 */
export async function serveLab(options: ServeOptions): Promise<ServedLab> {
  const { home, roots, port, version, paths, backend, isVerbose } = options
  await Promise.all(paths.map((path) => confine(path, roots && [...roots, home])))
  await mkdir(home, { recursive: true }).catch((error: unknown) => {
    throw explainFileError(error, home)
  })
  const running = await findRunningLab(home)
  if (running) return handOver(running, paths)
  const entry = options.engineEntry ?? join(packageRoot, 'out', 'engine-process.js')
  const webFolder = options.webFolder ?? join(packageRoot, 'out', 'web')
  const engine = createEngineHost({ entry, home, roots, isVerbose, ...(backend && { backend }) })
  const server = await startLabServer({ home, roots, port, version, webFolder, engine })
  try {
    const other = await claimHome(home, server.url)
    if (other) {
      await server.close()
      return await handOver(other, paths)
    }
    // Not before the home is ours: two engines would keep one list of jobs.
    engine.start()
    await server.openPaths(paths)
    const close = async () => {
      await server.close(() => engine.stop())
      await releaseHome(home, server.url)
    }
    return { url: server.url, pid: process.pid, close }
  } catch (error) {
    await server.close(() => engine.stop())
    throw error
  }
}

async function handOver(running: RunningLab, paths: string[]): Promise<ServedLab> {
  if (paths.length > 0) {
    const status = await askLab(running, 'POST', '/open', JSON.stringify({ paths })).catch(() => 0)
    if (status !== 200) throw new UserError(`The lab that is running did not open ${paths.join(', ')}.`)
  }
  return { url: running.url, pid: running.pid, close: null }
}
