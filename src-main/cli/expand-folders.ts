import { existsSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { Subject } from '../../src-shared/reports.ts'
import type { CommandContext } from './command-context.ts'

/**
 * The checkpoints to measure: in place of a folder of checkpoints of one run each of them, named with its epoch and a group
 * of its own, for they are no seeds of one another. Throws UserError where such a folder holds none.
 */
export async function expandFolders(subjects: Subject[], context: Pick<CommandContext, 'ask'>): Promise<Subject[]> {
  const expanded: Subject[] = []
  for (const subject of subjects) {
    const { path } = subject
    if (!isFolderOfFiles(path)) {
      expanded.push(subject)
      continue
    }
    const { frames = [] } = await context.ask((engine, options) => engine.inspect({ path }, options))
    for (const frame of frames) {
      const name = `${subject.name ?? basename(resolve(path))} · ${frame.label}`
      expanded.push({ ...subject, path: frame.path, name, group: name })
    }
  }
  return expanded
}

/** True for a folder that is not a run's. */
const isFolderOfFiles = (path: string): boolean =>
  (statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false) && !existsSync(join(path, 'manifest.json'))
