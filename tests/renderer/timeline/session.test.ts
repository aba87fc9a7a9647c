import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Lab } from '../../../src-renderer/lab.svelte.ts'
import { Session } from '../../../src-renderer/session.svelte.ts'
import { isTimeline, type TimelineItem } from '../../../src-renderer/timeline/frames.ts'
import type { LibraryItem } from '../../../src-shared/library.ts'
import { makeItem } from '../items.ts'
import { makeFrames } from './make-frames.ts'

const stored = new Map<string, string>()
vi.stubGlobal('localStorage', {
  getItem: (key: string) => stored.get(key) ?? null,
  setItem: (key: string, value: string) => void stored.set(key, value)
})
vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined }))
vi.stubGlobal('addEventListener', () => undefined)
vi.stubGlobal('location', { hash: '' })
vi.stubGlobal('history', { replaceState: () => undefined })
beforeEach(() => stored.clear())
afterAll(() => vi.unstubAllGlobals())

const run = makeItem({ name: 'run', group: 'run', frames: makeFrames([10, 20, 30]) }) as TimelineItem
const other = makeItem({ name: 'other', group: 'other', frames: makeFrames([5, 19, 28, 40]) }) as TimelineItem
const plain = makeItem({ name: 'plain', group: 'plain' })
const open = (items: LibraryItem[] = [run, other, plain]) =>
  new Session({ items, byId: new Map(items.map((item) => [item.id, item])), datasets: [] } as unknown as Lab)

describe('the session with timelines', () => {
  it('starts at the last frame, and gives probes that frame’s file by its name', () => {
    const session = open()
    session.addItems([run, plain])
    expect(session.checkpoints).toEqual([
      { path: '/frames/30.pth', name: 'run · epoch 30', group: 'run', role: run.role, seed: 0 },
      { path: plain.path, name: 'plain', group: 'plain', role: plain.role, seed: 0 }
    ])
    expect(session.timelines.map(({ id }) => id)).toEqual([run.id])
    expect(session.shownGroups[0]).toEqual({ name: 'run', ids: [run.id] })
  })

  it('follows the slider in every view, and moves all timelines together by epoch', () => {
    const session = open()
    session.addItems([run, other, plain])
    session.setFrame(run, 1)
    expect(session.checkpoints.map(({ path }) => path)).toEqual(['/frames/20.pth', '/frames/19.pth', plain.path])
    expect(session.subjects[0]!.items[0]!.exits.at(-1)!.accuracy).toBe(0.2)
    session.setFrame(other, 0)
    expect(session.checkpoints.map(({ path }) => path)).toEqual(['/frames/10.pth', '/frames/5.pth', plain.path])
  })

  it('steps within the ends of the timeline that the slider moves: the focused subject’s', () => {
    const session = open()
    session.addItems([run, other])
    expect(session.timeline?.id).toBe(run.id)
    session.stepFrame(-1)
    session.stepFrame(-1)
    session.stepFrame(-1)
    expect(session.frameOf(run)).toBe(0)
    session.stepFrame(9)
    expect(session.frameOf(run)).toBe(2)
    session.setFocus(1)
    expect(session.timeline?.id).toBe(other.id)
    session.setFocus(0)
  })

  it('remembers the frame, and follows a growing folder from its end only', () => {
    const session = open()
    session.addItems([run, other])
    session.setFrame(run, 0)
    const grown = { ...run, frames: makeFrames([10, 20, 30, 40]) } as TimelineItem
    expect(open([grown, other]).frameOf(grown)).toBe(0)
    session.setFrame(run, 2)
    expect(open([grown, other]).frameOf(grown)).toBe(3)
  })

  it('reads what older windows remembered', () => {
    const session = open()
    session.addItems([run])
    session.setFrame(run, 0)
    const [key, text] = [...stored][0]!
    const { frames: _, recentSince: __, ...older } = JSON.parse(text) as Record<string, unknown>
    stored.set(key, JSON.stringify(older))
    const next = open()
    expect(next.frameOf(run)).toBe(2)
    expect(next.groups).toEqual([{ name: 'run', ids: [run.id] }])
  })

  it('has no timeline in a folder with one frame', () => {
    expect(isTimeline(makeItem({ frames: makeFrames([1]) }))).toBe(false)
  })
})

describe('what is dropped on a subject', () => {
  it('joins it, and leaves the subject that it was in', () => {
    const session = open()
    session.addItems([run, other, plain])
    session.addItems([plain, other], 'run')
    expect(session.groups).toEqual([{ name: 'run', ids: [run.id, plain.id, other.id] }])
  })

  it('is not added twice', () => {
    const session = open()
    session.addItems([run])
    session.addItems([run])
    session.addItems([run], 'run')
    expect(session.groups).toEqual([{ name: 'run', ids: [run.id] }])
  })
})
