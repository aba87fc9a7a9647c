import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { epochRecordSchema, type EpochRecord } from '../../../src-shared/reports.ts'

const firstBytes = 256 * 1024
const mostBytes = 64 * 2 ** 20

/**
 * The record of an epoch (1-based), searched from the end of a run's history, where the newest ones lie; null where there
 * is none, or the file cannot be read.
 */
export async function findEpoch(folder: string, epoch: number): Promise<EpochRecord | null> {
  const file = await open(join(folder, 'history.jsonl')).catch(() => null)
  if (!file) return null
  try {
    const { size } = await file.stat()
    for (let length = firstBytes; ; length *= 4) {
      const from = Math.max(0, size - length)
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from)
      const found = lastOf(buffer.toString('utf8', 0, bytesRead), epoch)
      if (found || from === 0 || length >= mostBytes) return found
    }
  } catch {
    return null
  } finally {
    await file.close()
  }
}

function lastOf(text: string, epoch: number): EpochRecord | null {
  // Steps are many and long: only lines that begin as an epoch's do are parsed.
  for (const line of text.split('\n').reverse()) {
    if (!line.startsWith('{"epoch":')) continue
    const record = parse(line)
    if (record?.epoch === epoch) return record
  }
  return null
}

function parse(line: string): EpochRecord | null {
  try {
    return epochRecordSchema.parse((JSON.parse(line) as { epoch: unknown }).epoch)
  } catch {
    return null
  }
}
