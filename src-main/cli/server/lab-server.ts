import { createServer, type Server } from 'node:http'
import { UserError } from '../../../src-shared/errors.ts'
import { serve } from '../../../src-shared/rpc.ts'
import { shellCalls } from '../../../src-shared/shell-contract.ts'
import { explainFileError } from '../../file-errors.ts'
import { makeToken } from './access.ts'
import type { EngineHost } from './engine-host.ts'
import { createHttpAnswers } from './http-answers.ts'
import { confine } from './list-folder.ts'
import { createShellEvents, createShellHandlers } from './shell-handlers.ts'
import { serveSockets, type SocketLimits } from './sockets.ts'
import { readStaticFiles } from './static-files.ts'

export type LabServerOptions = {
  /** The lab's folder. */
  home: string
  /** Folders that files may be opened from; null: any. */
  roots: string[] | null
  /** 0 takes a free one. */
  port: number
  /** The built page. */
  webFolder: string
  engine: EngineHost
  version: string
  limits?: Partial<SocketLimits> & { mostUploadBytes?: number }
}

export type LabServer = {
  /** With its token. */
  url: string
  /** Opens checkpoints in the page, or in the next one to come. Throws UserError where one is missing or outside. */
  openPaths(paths: string[]): Promise<void>
  /** Lets the pages go, then, once `whileEnding` is done, the address. */
  close(whileEnding?: () => Promise<void>): Promise<void>
}

/** Serves the lab on 127.0.0.1. Throws UserError where the port is taken, or the page is not built. */
export async function startLabServer(options: LabServerOptions): Promise<LabServer> {
  const { home, roots, engine, version, limits } = options
  const token = makeToken()
  const files = readStaticFiles(options.webFolder)
  const events = createShellEvents(engine)
  const openPaths = async (paths: string[]) => {
    const allowed = roots && [...roots, home]
    events.openPaths(await Promise.all(paths.map((path) => confine(path, allowed))))
  }
  const mostUploadBytes = limits?.mostUploadBytes
  let isEnding = false
  const server = createServer(
    createHttpAnswers({
      home,
      token,
      files,
      engine,
      openPaths,
      isEnding: () => isEnding,
      ...(mostUploadBytes !== undefined && { mostUploadBytes })
    })
  )
  // A large upload takes longer than Node's five minutes; silence ends one (http-answers.ts).
  server.requestTimeout = 0
  const handlers = createShellHandlers({ roots, version }, events)
  const closeSockets = serveSockets(server, {
    token,
    engine,
    serveShell: (transport) => serve(shellCalls, handlers, transport),
    ...(limits && { limits })
  })
  try {
    const port = await listen(server, options.port)
    const close = async (whileEnding?: () => Promise<void>) => {
      isEnding = true
      closeSockets()
      await whileEnding?.()
      await closeServer(server)
    }
    return { url: `http://127.0.0.1:${port}/?token=${token}`, openPaths, close }
  } catch (error) {
    closeSockets()
    throw error
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(explainListenError(error, port)))
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}

function explainListenError(error: NodeJS.ErrnoException, port: number): UserError {
  const remedy = 'choose another with --port, or let --port 0 find a free one.'
  if (error.code === 'EADDRINUSE') return new UserError(`The port ${port} is in use by another program; ${remedy}`)
  if (error.code === 'EACCES') return new UserError(`There is no permission to use the port ${port}; ${remedy}`)
  return explainFileError(error, `The port ${port}`)
}

async function closeServer(server: Server): Promise<void> {
  const ended = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), 1000)
  await ended
  clearTimeout(timer)
}
