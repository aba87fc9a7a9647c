import type { Settings } from '../src-shared/lab-contract.ts'
import type { LibraryItem } from '../src-shared/library.ts'
import type { ProbeKind, Subject } from '../src-shared/reports.ts'
import type { ShownFigure } from './figure-card/shown-figure.ts'
import type { Lab } from './lab.svelte.ts'
import { readHash, writeHash } from './location.ts'
import { readStored, writeStored, type StoredSession } from './stored-session.ts'
import { atFrame, followFrame, frameIndex, isTimeline, type TimelineItem } from './timeline/frames.ts'

/** The views, in the order of their tabs; the last two are not about the chosen subjects. */
export const viewNames = ['overview', 'knows', 'flat', 'gradients', 'learns', 'inspect', 'train', 'library'] as const
export type ViewName = (typeof viewNames)[number]
export type ThemeChoice = 'system' | 'light' | 'dark'

/** Checkpoints that differ in their seed only, compared as one. */
export type SubjectGroup = { name: string; ids: string[] }

/** What undo takes back. */
type Moment = Pick<Session, 'view' | 'groups' | 'focus' | 'solo' | 'selection'>
const mostMoments = 100

/** Settings of every probe as the shipped samples' reports have them; data set and split are the session's. */
export const defaultSettings: { [K in ProbeKind]: Settings } = {
  embedding: { seed: 0, method: 'umap', dims: 2, neighbors: 15, minDist: 0.1, data: { limit: 1000 } },
  discriminativeness: { seed: 0, features: 'raw', resamples: 200, data: { limit: 2000 } },
  flatness: { seed: 0, sigmas: 'auto', draws: 5, protocols: ['a', 'b', 'c'], split: 'both', data: { limit: 500 } },
  gradients: { seed: 0, batchSize: null, data: { limit: 256 } },
  history: {}
}

/** Everything that the user has chosen in this window. Views read it; only its methods change it. */
export class Session {
  view = $state<ViewName>('overview')
  theme = $state<ThemeChoice>('system')
  hasMotion = $state(true)
  /** Compared in this order; their letters are A, B, C. */
  groups = $state.raw<SubjectGroup[]>([])
  /** The group that the exit rail shows. */
  focus = $state(0)
  /** Exits shown, 1-based; none means all. */
  solo = $state.raw<number[]>([])
  pointedExit = $state<number | null>(null)
  /** Positions of images in the split. */
  selection = $state.raw<ReadonlySet<number>>(new Set())
  pointedImage = $state<number | null>(null)
  dataset = $state('fashion-mnist')
  split = $state<'train' | 'test'>('test')
  settings = $state.raw<{ [K in ProbeKind]: Settings }>(defaultSettings)
  /** Figures kept aside, oldest first. */
  pins = $state.raw<(ShownFigure & { id: number })[]>([])
  /** True where the system asks for dark colours. */
  private isSystemDark = $state(false)
  /** Of timelines the frame that is looked at, by their items' ids; of others the last one. */
  private frames = $state.raw<Record<string, number>>({})
  /** Files opened before this moment (ISO 8601) are not listed as opened lately. */
  recentSince = $state('')
  private past = $state.raw<Moment[]>([])

  canUndo = $derived(this.past.length > 0)
  shownTheme = $derived(this.theme === 'system' ? (this.isSystemDark ? 'dark' : 'light') : this.theme)
  /** The groups with their items; a group whose items are all gone is left out. */
  subjects = $derived.by(() =>
    this.groups
      .map(({ name, ids }) => ({ name, items: ids.flatMap((id) => this.itemOf(id)) }))
      .filter(({ items }) => items.length > 0)
  )
  /** The subjects' timelines, as the library has them. */
  timelines = $derived(
    this.subjects.flatMap(({ items }) => items.flatMap(({ id }) => this.lab.byId.get(id) ?? [])).filter(isTimeline)
  )
  /** The timeline that the slider moves: the focused subject's, else the first. */
  timeline = $derived(
    this.timelines.find(({ id }) => this.subjects[this.focus]?.items.some((item) => item.id === id)) ??
      this.timelines[0] ??
      null
  )
  /** The subjects as groups: what is changed by its place among them. */
  shownGroups = $derived(
    this.subjects.map(({ name, items }): SubjectGroup => ({ name, ids: items.map(({ id }) => id) }))
  )
  /** The same as probes take them. */
  checkpoints = $derived(this.subjects.flatMap(({ name, items }) => items.map((item) => toSubject(item, name))))
  /** Those of them that hold a network: a file of outputs can't be run. */
  networks = $derived(
    this.subjects.flatMap(({ name, items }) =>
      items.filter(({ isOutputs }) => !isOutputs).map((item) => toSubject(item, name))
    )
  )
  /** Exits that any subject has, 1-based. */
  exits = $derived(
    [
      ...new Set(this.subjects.flatMap(({ items }) => items.flatMap((item) => item.exits.map(({ exit }) => exit))))
    ].sort((a, b) => a - b)
  )
  shownExits = $derived(this.solo.length > 0 ? this.exits.filter((exit) => this.solo.includes(exit)) : this.exits)
  classes = $derived.by(() => this.lab.datasets.find(({ name }) => name === this.dataset)?.classes ?? [])

  constructor(private readonly lab: Lab) {
    const stored = readStored()
    if (stored) this.restore(stored)
    const query = matchMedia('(prefers-color-scheme: dark)')
    this.isSystemDark = query.matches
    query.addEventListener('change', ({ matches }) => (this.isSystemDark = matches))
    this.readLocation()
    addEventListener('hashchange', () => this.readLocation())
  }

  /** Chooses the shipped samples with noisy labels where nothing is chosen yet: something to look at at once. */
  chooseSamples(): void {
    // A group whose checkpoints are all gone would be in the way of every index.
    this.groups = this.groups.filter(({ ids }) => ids.some((id) => this.lab.byId.has(id)))
    if (this.groups.length > 0) return
    const samples = this.lab.items.filter(({ source, state }) => source === 'sample' && state === 'ready')
    const noisy = samples.filter(({ group }) => group.startsWith('noisy-'))
    this.groups = groupItems(noisy.length > 0 ? noisy : samples)
    this.focus = Math.max(0, this.groups.length - 1)
    this.store()
  }

  show(view: ViewName): void {
    if (view !== this.view) this.change(() => (this.view = view))
  }

  setTheme(theme: ThemeChoice): void {
    this.theme = theme
    this.store()
  }

  setMotion(hasMotion: boolean): void {
    this.hasMotion = hasMotion
    this.store()
  }

  setGroups(groups: SubjectGroup[]): void {
    this.change(() => {
      this.groups = groups.filter(({ ids }) => ids.length > 0)
      this.focus = Math.min(this.focus, Math.max(0, this.groups.length - 1))
      this.solo = []
    })
  }

  /** Adds checkpoints as subjects: to the group `into`, where they move from any other; else to that of their own name. */
  addItems(items: readonly LibraryItem[], into?: string): void {
    const moved = new Set(into === undefined ? [] : items.map(({ id }) => id))
    const groups = this.groups.map(({ name, ids }) => ({ name, ids: ids.filter((id) => !moved.has(id)) }))
    for (const item of items.filter(isSubject)) {
      if (groups.some(({ ids }) => ids.includes(item.id))) continue
      const name = into ?? groupFor(item, groups)
      const same = groups.find((group) => group.name === name)
      if (same) same.ids = [...same.ids, item.id]
      else groups.push({ name, ids: [item.id] })
    }
    this.setGroups(groups)
  }

  /** The frame that a timeline stands at, 0-based. */
  frameOf({ id, frames }: TimelineItem): number {
    return frameIndex(frames, this.frames[id])
  }

  /** Goes to a frame of a timeline; the other timelines shown follow by epoch. */
  setFrame(item: TimelineItem, index: number): void {
    const at = Math.max(0, Math.min(item.frames.length - 1, index))
    const moved = new Map([[item.id, { item, place: at }]])
    for (const other of this.timelines)
      if (other.id !== item.id) moved.set(other.id, { item: other, place: followFrame(other.frames, item.frames, at) })
    const kept = Object.entries(this.frames).filter(([id]) => !moved.has(id))
    // One that stands at its end goes on doing so while its folder grows.
    const chosen = [...moved.values()].filter(({ item, place }) => place < item.frames.length - 1)
    this.frames = Object.fromEntries([...kept, ...chosen.map(({ item, place }) => [item.id, place] as const)])
    this.store()
  }

  /** Goes on by so many frames of the timeline that the slider moves. */
  stepFrame(by: number): void {
    if (this.timeline) this.setFrame(this.timeline, this.frameOf(this.timeline) + by)
  }

  /** Forgets which files were opened lately; they stay in the library. */
  clearRecent(): void {
    this.recentSince = new Date().toISOString()
    this.store()
  }

  setFocus(index: number): void {
    const count = this.subjects.length
    if (count > 0) this.change(() => (this.focus = ((index % count) + count) % count))
  }

  /** Shows one exit alone; again shows all. With `isAdded` it joins those shown. */
  toggleExit(exit: number, isAdded = false): void {
    this.change(() => {
      if (!isAdded) this.solo = this.solo.length === 1 && this.solo[0] === exit ? [] : [exit]
      else this.solo = this.solo.includes(exit) ? this.solo.filter((one) => one !== exit) : [...this.solo, exit].sort()
    })
  }

  showAllExits(): void {
    if (this.solo.length > 0) this.change(() => (this.solo = []))
  }

  select(images: Iterable<number>): void {
    this.change(() => (this.selection = new Set(images)))
  }

  setData(dataset: string, split: 'train' | 'test'): void {
    this.dataset = dataset
    this.split = split
    this.selection = new Set()
    this.store()
  }

  /** Changes some of a probe's settings; stored results of others stay where they are. */
  setSettings(kind: ProbeKind, changed: Settings): void {
    this.settings = { ...this.settings, [kind]: { ...this.settings[kind], ...changed } }
    this.store()
  }

  /** Images that a probe takes of a split; null where the settings name no number. */
  limitOf(kind: ProbeKind): number | null {
    return (this.settings[kind]['data'] as { limit?: number } | undefined)?.limit ?? null
  }

  /** A probe's settings on the chosen data. */
  settingsOf(kind: ProbeKind): Settings {
    const { data, ...rest } = this.settings[kind]
    if (kind === 'history') return rest
    return { ...rest, data: { kind: 'dataset', name: this.dataset, split: this.split, ...(data as object) } }
  }

  pin(figure: ShownFigure): void {
    this.pins = [...this.pins, { ...figure, id: (this.pins.at(-1)?.id ?? 0) + 1 }]
  }

  unpin(id: number): void {
    this.pins = this.pins.filter((pin) => pin.id !== id)
  }

  undo(): void {
    const moment = this.past.at(-1)
    if (!moment) return
    this.past = this.past.slice(0, -1)
    Object.assign(this, moment)
    this.store()
  }

  private change(action: () => void): void {
    const { view, groups, focus, solo, selection } = this
    this.past = [...this.past, { view, groups, focus, solo, selection }].slice(-mostMoments)
    action()
    this.store()
  }

  private store(): void {
    const { theme, hasMotion, groups, focus, dataset, split, settings, frames, recentSince } = this
    writeStored({ theme, hasMotion, groups, focus, dataset, split, settings, frames, recentSince })
    writeHash(this.view)
  }

  private restore(stored: StoredSession): void {
    const { settings, ...rest } = stored
    Object.assign(this, rest)
    this.settings = { ...defaultSettings, ...settings }
  }

  /** An item as it is looked at: a timeline at its frame. */
  private itemOf(id: string): LibraryItem[] {
    const item = this.lab.byId.get(id)
    return item && isSubject(item) ? [atFrame(item, this.frames[id])] : []
  }

  private readLocation(): void {
    const { view, theme } = readHash()
    if (view) this.view = view
    if (theme) this.theme = theme
  }
}

/** Items as groups of seeds, by the group's name, in their order. */
export function groupItems(items: readonly LibraryItem[]): SubjectGroup[] {
  const groups = new Map<string, string[]>()
  for (const { group, id } of items) groups.set(group, [...(groups.get(group) ?? []), id])
  return [...groups].map(([name, ids]) => ({ name, ids }))
}

/** Tensors that are no network have nothing to measure. */
const isSubject = ({ state }: LibraryItem): boolean => state !== 'tensors'

/**
 * The group that an item joins, or the name of its own: files of others are often called alike, and only who trained them
 * knows whether they differ in their seed.
 */
export function groupFor(item: LibraryItem, groups: readonly SubjectGroup[]): string {
  const isTaken = (name: string) => groups.some((group) => group.name === name)
  if (item.source !== 'file' || item.role !== 'unknown' || !isTaken(item.group)) return item.group
  const folder = item.path.split(/[\\/]/).at(-2) ?? ''
  const placed = folder === '' ? item.group : `${folder}/${item.group}`
  let name = placed
  for (let count = 2; isTaken(name); count++) name = `${placed} ${count}`
  return name
}

/** The letter of a subject: A for the first. */
export const letterOf = (index: number): string => String.fromCharCode(65 + (index % 26))

function toSubject({ path, name, role, seed }: LibraryItem, group: string): Subject {
  return { path, name, group, role, seed }
}
