import { describe, expect, it } from 'vitest'
import type { App } from '../../src-renderer/app.ts'
import { recentCommands, recentFiles } from '../../src-renderer/recent-files.ts'
import type { LibraryItem } from '../../src-shared/library.ts'
import { makeItem } from './items.ts'

const opened = (name: string, day: number, rest: Partial<LibraryItem> = {}) =>
  makeItem({
    name,
    path: `/nets/${name}.pth`,
    openedAt: `2026-01-${String(day).padStart(2, '0')}T00:00:00.000Z`,
    ...rest
  })

describe('files opened lately', () => {
  it('are the newest ten files, newest first; samples and runs have their own places', () => {
    const items = Array.from({ length: 14 }, (_, i) => opened(`n${i}`, ((i * 5) % 14) + 1))
    const names = recentFiles([...items, opened('sample', 28, { source: 'sample' }), makeItem({ name: 'never' })], '')
    expect(names.map(({ openedAt }) => Number(openedAt.slice(8, 10)))).toEqual([14, 13, 12, 11, 10, 9, 8, 7, 6, 5])
  })

  it('are commands, greyed where they are gone', () => {
    const items = [opened('a', 2), opened('b', 3, { state: 'missing' })]
    const app = { lab: { items }, session: { recentSince: '' } } as unknown as App
    expect(recentCommands(app).map(({ title, isDisabled }) => [title, isDisabled])).toEqual([
      ['Open /nets/b.pth: it is gone', true],
      ['Open /nets/a.pth', false],
      ['Clear recent files', undefined]
    ])
  })

  it('are forgotten, until one is opened again', () => {
    const session = { recentSince: '', clearRecent: () => (session.recentSince = '2026-01-05') }
    const items = [opened('a', 2), opened('b', 3)]
    const app = { lab: { items }, session } as unknown as App
    recentCommands(app)
      .find(({ id }) => id === 'clear-recent')!
      .run()
    expect(recentCommands(app)).toEqual([])
    items.push(opened('a', 6))
    expect(recentCommands(app).map(({ title }) => title)).toEqual(['Open /nets/a.pth', 'Clear recent files'])
  })
})
