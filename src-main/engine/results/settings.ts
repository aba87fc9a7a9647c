import { realpath } from 'node:fs/promises'
import { UsageError } from '../../../src-shared/errors.ts'
import type { Settings } from '../../../src-shared/lab-contract.ts'
import { settingsKey } from '../../../src-shared/settings-key.ts'
import { probes, type DataSelection, type ProbeKind } from '../../../src-shared/reports.ts'
import { isKnownDataset } from '../data/dataset.ts'

/** The settings in a key. */
export const settingsIn = (key: string): Settings => JSON.parse(key) as Settings

/** True for a text that `settingsKey` may have written. */
export function isKey(text: string): boolean {
  try {
    return settingsKey(JSON.parse(text) as object) === text
  } catch {
    return false
  }
}

/**
 * The key of settings that a window asks for. Throws UsageError, naming the first that is wrong, if they are not those of
 * the kind.
 */
export async function askedKey(kind: ProbeKind, settings: Settings): Promise<string> {
  const { success, data, error } = probes[kind].request.safeParse({ ...settings, checkpoints: [{ path: '.' }] })
  if (!success) {
    const [issue] = error.issues
    throw new UsageError(
      `The settings of ${kind} cannot be used: ${issue?.path.join('.') || 'they'} ${issue?.message ?? 'are not valid'}.`
    )
  }
  const selection = (data as { data?: DataSelection }).data
  return settingsKey(selection ? { ...data, data: await withRealPaths(selection) } : data)
}

/** Jobs are asked with paths that have been followed to their end. */
async function withRealPaths(data: DataSelection): Promise<DataSelection> {
  const follow = (path: string) => realpath(path).catch(() => path)
  if (data.kind === 'arrays') return { ...data, imagesPath: await follow(data.imagesPath) }
  return (await isKnownDataset(data.name)) ? data : { ...data, name: await follow(data.name) }
}
