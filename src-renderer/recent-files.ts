import type { LibraryItem } from '../src-shared/library.ts'
import type { App } from './app.ts'
import type { Command } from './commands.ts'
import { openPaths } from './open-paths.ts'

const mostRecent = 10

/** The files and folders that were opened lately, newest first, at most ten; those from before `since` (ISO 8601) left out. */
export const recentFiles = (items: readonly LibraryItem[], since: string): LibraryItem[] =>
  items
    .filter(({ source, openedAt }) => source === 'file' && openedAt > since)
    .sort((a, b) => (a.openedAt < b.openedAt ? 1 : a.openedAt > b.openedAt ? -1 : 0))
    .slice(0, mostRecent)

/** Opens one of them again, or forgets the list; the library keeps its items. */
export function recentCommands(app: App): Command[] {
  const recent = recentFiles(app.lab.items, app.session.recentSince)
  return [
    ...recent.map(({ id, path, state }) => ({
      id: `recent-${id}`,
      title: state === 'missing' ? `Open ${path}: it is gone` : `Open ${path}`,
      isDisabled: state === 'missing',
      run: () => void openPaths(app, [path])
    })),
    ...(recent.length > 0
      ? [{ id: 'clear-recent', title: 'Clear recent files', run: () => app.session.clearRecent() }]
      : [])
  ]
}
