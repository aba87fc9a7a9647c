import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { z } from 'zod'
import { openJsonFile, type JsonFile } from './json-file.ts'

const mostRecent = 10

const preferencesSchema = z.object({
  /** Where the last file was saved. */
  lastFolder: z.string().nullable(),
  /** Files and folders that were opened, newest first. */
  recent: z.array(z.string().min(1)).max(mostRecent)
})
export type Preferences = z.infer<typeof preferencesSchema>

/** What the shell remembers beside the window's place. */
export const openPreferences = (path: string): JsonFile<Preferences> =>
  openJsonFile(path, preferencesSchema, { lastFolder: null, recent: [] })

/** The list with `paths` at its front, those that exist; each path once, at most ten. */
export function addRecent(recent: readonly string[], paths: readonly string[]): string[] {
  const there = paths.filter((path) => existsSync(path))
  return [...new Set([...there, ...recent])].slice(0, mostRecent)
}

/** What the menu calls a recent path: its name, with its folder where two have the same. */
export function labelRecent(path: string, all: readonly string[]): string {
  const name = basename(path)
  return all.filter((other) => basename(other) === name).length > 1 ? path : name
}
