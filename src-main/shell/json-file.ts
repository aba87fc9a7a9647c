import { mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { z } from 'zod'
import { writeWhole } from '../write-whole.ts'

/** A small file of settings that nobody misses when it is lost. */
export type JsonFile<T> = {
  readonly value: T
  /** Takes the change and writes it; a disk that refuses is left alone. */
  change(changed: Partial<T>): void
  /** Resolves when everything has been written. */
  settled(): Promise<void>
}

/** The settings in the file at `path`; `preset` where there is none, or one that is not what `schema` says. */
export function openJsonFile<T extends object>(path: string, schema: z.ZodType<T>, preset: T): JsonFile<T> {
  let value = readJson(path, schema) ?? preset
  let writing = Promise.resolve()
  const write = async () => {
    try {
      mkdirSync(dirname(path), { recursive: true })
      await writeWhole(path, `${JSON.stringify(value, null, 2)}\n`)
    } catch {
      // The window works without; it opens in its usual place next time.
    }
  }
  return {
    get value() {
      return value
    },
    change(changed) {
      value = { ...value, ...changed }
      writing = writing.then(write)
    },
    settled: () => writing
  }
}

function readJson<T>(path: string, schema: z.ZodType<T>): T | null {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return null
  }
}
