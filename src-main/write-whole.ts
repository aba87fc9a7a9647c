import { randomUUID } from 'node:crypto'
import { open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'

/**
 * Writes a file so that it is there whole or not at all: beside its place, then renamed. Not by write-file-atomic 7,
 * which takes what fits on a full disk for the whole.
 *
 * A link stays a link, and a device or a pipe (`/dev/null`, `/dev/stdout`) is written to: a file renamed over it would
 * take its place.
 */
export async function writeWhole(path: string, data: string | Uint8Array): Promise<void> {
  const existing = await stat(path).catch(() => undefined)
  if (existing && !existing.isFile()) return writeFile(path, data)
  const target = await realpath(path).catch(() => path)
  const temporary = `${target}.${randomUUID().slice(0, 8)}.tmp`
  try {
    const file = await open(temporary, 'wx', existing?.mode)
    try {
      await file.writeFile(data)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
}
