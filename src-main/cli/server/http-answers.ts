import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../../src-shared/errors.ts'
import { cookieFor, hasCookie, hasOwnOrigin, isSameToken, readHost } from './access.ts'
import type { EngineHost } from './engine-host.ts'
import { answerJson, answerPage } from './plain-page.ts'
import { setSecurityHeaders } from './security-headers.ts'
import { sendExport } from './send-export.ts'
import { answerFile, type StaticFiles } from './static-files.ts'
import { receiveUpload, removeUpload, safeFolders } from './upload.ts'

export type HttpParts = {
  home: string
  token: string
  files: StaticFiles
  engine: Pick<EngineHost, 'current'>
  /** True while the engine saves what it has and the server goes down. */
  isEnding(): boolean
  /** Opens checkpoints in the pages; throws UserError. */
  openPaths(paths: string[]): Promise<void>
  mostUploadBytes?: number
}

const whereToFindIt = 'Open the address that "autodidact serve" printed: it ends with ?token= and a secret.'
/** Milliseconds without a byte of an upload, after which it counts as cut off. */
const silenceMs = 60_000
/** Milliseconds for which what is still on its way is let in and dropped. */
const drainMs = 1000
/** Below it lie the files that were exported for a browser. */
const exportsPath = '/exports/'
const openRequest = z.object({ paths: z.array(z.string().min(1)).max(1000) })

/** Answers every request of the lab's server but the WebSockets. */
export function createHttpAnswers(parts: HttpParts): RequestListener {
  return (request, response) => {
    setSecurityHeaders(response)
    answer(parts, request, response).catch((error: unknown) => {
      if (response.headersSent || response.destroyed) return void response.destroy()
      const message = error instanceof Error ? error.message : String(error)
      // Closed at once, the connection would take the answer with it.
      if (!request.complete) setTimeout(() => request.complete || request.destroy(), drainMs).unref()
      request.resume()
      answerJson(response, error instanceof UserError ? 400 : 500, { error: message })
    })
  }
}

async function answer(parts: HttpParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const host = readHost(request)
  if (!host)
    return answerPage(response, 403, { sentence: 'The lab answers on this machine only.', hint: whereToFindIt })
  const { method = '' } = request
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') {
    response.setHeader('Allow', 'GET, HEAD, POST')
    return answerPage(response, 405, { sentence: `The lab does not know the method ${method}.` })
  }
  const address = readAddress(request.url)
  if (!address) return answerPage(response, 400, { sentence: 'This is no address of the lab.' })
  if (method === 'GET' && address.pathname === '/' && address.searchParams.has('token')) {
    if (isSameToken(address.searchParams.get('token') ?? '', parts.token)) {
      response.setHeader('Set-Cookie', cookieFor(host.port, parts.token))
      response.writeHead(303, { Location: '/' })
      return void response.end()
    }
  }
  if (!hasCookie(request, host.port, parts.token)) return refuseStranger(request, response)
  return method === 'POST'
    ? answerPost(parts, request, response, address)
    : answerGet(parts, request, response, address)
}

function refuseStranger(request: IncomingMessage, response: ServerResponse): void {
  if (request.method === 'POST') return answerJson(response, 403, { error: whereToFindIt })
  // A page elsewhere that leads here makes the browser withhold the cookie it has just been given; asked again by this
  // page itself, it sends it.
  const reloads = request.headers['sec-fetch-site'] === 'cross-site' && request.headers['sec-fetch-mode'] === 'navigate'
  answerPage(response, 403, { sentence: 'This browser has not been let into the lab.', hint: whereToFindIt, reloads })
}

type Address = { pathname: string; searchParams: URLSearchParams }

/** Not by URL, which takes `//name` for another host. */
function readAddress(url = ''): Address | null {
  const [pathname = '', ...query] = url.split('?')
  return pathname.startsWith('/') ? { pathname, searchParams: new URLSearchParams(query.join('?')) } : null
}

async function answerGet(
  parts: HttpParts,
  request: IncomingMessage,
  response: ServerResponse,
  { pathname }: Address
): Promise<void> {
  if (pathname === '/alive') {
    if (parts.isEnding()) return answerJson(response, 410, { error: 'The lab is ending.' })
    const { state, message } = parts.engine.current
    if (state === 'stopped') return answerJson(response, 503, { error: message })
    response.writeHead(204)
    return void response.end()
  }
  const file = parts.files.get(pathname)
  if (file) return answerFile(request, response, file)
  const isExport = request.method === 'GET' && pathname.startsWith(exportsPath)
  if (isExport && (await sendExport(response, parts.home, pathname.slice(exportsPath.length)))) return
  answerPage(response, 404, { sentence: 'There is nothing at this address of the lab.' })
}

async function answerPost(
  parts: HttpParts,
  request: IncomingMessage,
  response: ServerResponse,
  { pathname, searchParams }: Address
): Promise<void> {
  if (!hasOwnOrigin(request)) refuseOrigin(response)
  else if (pathname === '/upload') {
    request.setTimeout(silenceMs, () => request.destroy())
    const length = request.headers['content-length']
    const path = await receiveUpload({
      folder: join(parts.home, 'uploads', ...safeFolders(searchParams.get('into') ?? '')),
      name: searchParams.get('name') ?? '',
      body: request,
      announcedBytes: length === undefined ? null : Number(length),
      ...(parts.mostUploadBytes !== undefined && { mostBytes: parts.mostUploadBytes })
    })
    answerJson(response, 200, { path })
  } else if (pathname === '/upload/refused') {
    await removeUpload(join(parts.home, 'uploads'), searchParams.get('path') ?? '')
    answerJson(response, 200, {})
  } else if (pathname === '/open') {
    const asked = openRequest.safeParse(await readJson(request))
    if (!asked.success) return answerJson(response, 400, { error: 'Paths to open were expected.' })
    await parts.openPaths(asked.data.paths)
    answerJson(response, 200, {})
  } else answerJson(response, 404, { error: 'There is nothing at this address of the lab.' })
}

const refuseOrigin = (response: ServerResponse) =>
  answerJson(response, 403, { error: 'The lab takes this from its own page only.' })

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > 2 ** 20) throw new UserError('What was sent is larger than 1 MiB.')
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown
  } catch {
    return undefined
  }
}
