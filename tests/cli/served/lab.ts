import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { request, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach } from 'vitest'
import { WebSocket } from 'ws'
import { cookieName } from '../../../src-main/cli/server/access.ts'
import { createEngineHost, type EngineHost, type EngineHostOptions } from '../../../src-main/cli/server/engine-host.ts'
import { startLabServer, type LabServer, type LabServerOptions } from '../../../src-main/cli/server/lab-server.ts'

export const engineEntry = fileURLToPath(new URL('./fake-engine-process.mjs', import.meta.url))

const ending: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end()
})

/** Done after the test, the last one first. */
export const afterwards = (end: () => unknown): void => void ending.push(end)

/** A folder of the test, links resolved. */
export function makeFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'autodidact-serve-')))
  afterwards(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export const page = '<!doctype html><title>Lab</title><script type="module" src="./assets/index-a1b2c3d4.js"></script>'
export const script = `/* ${'long '.repeat(400)}*/ export const answer = 42\n`

/** A built page. */
export function makeWeb(folder: string): string {
  const web = join(folder, 'web')
  mkdirSync(join(web, 'assets'), { recursive: true })
  writeFileSync(join(web, 'index.html'), page)
  writeFileSync(join(web, 'assets', 'index-a1b2c3d4.js'), script)
  writeFileSync(join(web, 'assets', 'secrets.key'), 'no type of ours')
  writeFileSync(join(folder, 'outside.js'), 'outside')
  return web
}

export type TestLab = {
  folder: string
  root: string
  home: string
  server: LabServer
  engine: EngineHost
  port: number
  token: string
  cookie: string
  origin: string
  /** What the engine processes wrote. */
  engineLog(): string[]
}

type Options = { server?: Partial<LabServerOptions>; engine?: Partial<EngineHostOptions> }

/** A served lab with the fake engine, on a free port, ended after the test. */
export async function startLab({ server: options, engine: engineOptions }: Options = {}): Promise<TestLab> {
  const folder = makeFolder()
  const root = join(folder, 'root')
  const home = join(root, 'autodidact-lab')
  mkdirSync(home, { recursive: true })
  const roots = [root]
  const engine = createEngineHost({ entry: engineEntry, home, roots, ...engineOptions })
  const server = await startLabServer({
    ...{ home, roots, engine, port: 0, version: '1.2.3', webFolder: makeWeb(folder) },
    ...options
  })
  engine.start()
  afterwards(() => server.close(() => engine.stop()))
  const { port, searchParams } = new URL(server.url)
  const token = searchParams.get('token')!
  return {
    ...{ folder, root, home, server, engine, port: Number(port), token },
    cookie: `${cookieName(port)}=${token}`,
    origin: `http://127.0.0.1:${port}`,
    engineLog: () => readFileSync(join(home, 'engine.log'), 'utf8').trim().split('\n')
  }
}

export type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer; text: string }

/** One HTTP request with exactly these headers; nothing of the path is tidied up. */
export function ask(
  { port }: { port: number },
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Buffer } = {}
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers, body: sent } = options
    const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const body = Buffer.concat(chunks)
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body, text: body.toString() })
      })
    })
    asked.on('error', reject)
    asked.end(sent)
  })
}

type SocketOptions = { cookie?: string | null; origin?: string | null; host?: string }

/** A socket of a page, with other credentials where they are given; null leaves one out. */
export function makeSocket(lab: TestLab, path: string, options: SocketOptions = {}): WebSocket {
  const { cookie = lab.cookie, origin = lab.origin, host } = options
  const headers = { ...(cookie !== null && { cookie }), ...(host && { host }) }
  const socket = new WebSocket(`ws://127.0.0.1:${lab.port}${path}`, { headers, ...(origin !== null && { origin }) })
  afterwards(() => socket.terminate())
  return socket
}

/** The socket once it is open. Throws what the server answered instead. */
export async function openSocket(lab: TestLab, path: string, options: SocketOptions = {}): Promise<WebSocket> {
  const socket = makeSocket(lab, path, options)
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.on('error', reject)
  })
  return socket
}

/** How a socket ends. */
export const closingOf = (socket: WebSocket): Promise<{ code: number; reason: string }> =>
  new Promise((resolve) => socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })))

/** Waits until it is true; the test's own time is the limit. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10))
}
