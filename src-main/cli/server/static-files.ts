import { readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, sep } from 'node:path'
import { gzipSync } from 'node:zlib'
import { UserError } from '../../../src-shared/errors.ts'
import { pageFileTypes } from '../../page-files.ts'

type StaticFile = { type: string; body: Buffer; gzip: Buffer | null; caching: string }
/** The files of the page by the path of their address. */
export type StaticFiles = ReadonlyMap<string, StaticFile>

const packed = new Set(['.html', '.js', '.css', '.json', '.txt', '.svg', '.ttf', '.wasm'])
/** As the build names files whose content decides their name. */
const hashed = /-[\w-]{8,}\.\w+$/

/**
 * Reads the built page into memory, text also compressed: nothing else can be asked for, and a build during the day
 * does not mix two versions. Throws UserError where it has not been built.
 */
export function readStaticFiles(folder: string): StaticFiles {
  const files = new Map<string, StaticFile>()
  for (const entry of listFiles(folder)) {
    const extension = extname(entry).toLowerCase()
    const type = pageFileTypes[extension]
    if (!type) continue
    const body = readFileSync(join(folder, entry))
    const gzip = packed.has(extension) ? gzipSync(body, { level: 9 }) : null
    const caching = hashed.test(entry) ? 'public, max-age=31536000, immutable' : 'no-cache'
    files.set(`/${entry.split(sep).join('/')}`, { type, body, gzip, caching })
  }
  const index = files.get('/index.html')
  if (!index) throw new UserError(`The page of the lab is not built: ${folder} has no index.html; run npm run build.`)
  return files.set('/', index)
}

function listFiles(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
  } catch {
    return []
  }
}

/** Answers with the file. */
export function answerFile(request: IncomingMessage, response: ServerResponse, file: StaticFile): void {
  const isPacked = file.gzip !== null && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  const body = isPacked ? file.gzip! : file.body
  response.writeHead(200, {
    'Content-Type': file.type,
    'Content-Length': body.length,
    'Cache-Control': file.caching,
    Vary: 'Accept-Encoding',
    ...(isPacked && { 'Content-Encoding': 'gzip' })
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}
