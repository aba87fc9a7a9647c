import { createReadStream } from 'node:fs'
import { lstat, rm } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { exportsFolder } from '../../lab-exports.ts'

/** Names that the engine gives such files; no other file can be asked for. */
const exportName = /^[0-9a-f-]{36}(\.[a-z]+)?$/

/** Sends a file that was exported for a browser, and removes it once it has gone out whole; false where there is none. */
export async function sendExport(response: ServerResponse, home: string, name: string): Promise<boolean> {
  if (!exportName.test(name)) return false
  const path = join(exportsFolder(home), name)
  const entry = await lstat(path).catch(() => null)
  if (!entry?.isFile()) return false
  response.writeHead(200, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': entry.size,
    'Content-Disposition': 'attachment'
  })
  await pipeline(createReadStream(path), response)
  // What was written beside it has nowhere to go: a browser takes one file.
  for (const gone of [path, `${path}.autodidact.json`]) await rm(gone, { force: true }).catch(() => undefined)
  return true
}
