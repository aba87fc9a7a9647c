import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  columns,
  configsOf,
  diffItems,
  kindWord,
  searchItems,
  seedOf,
  sortItems,
  tagsOf
} from '../../src-renderer/library/filter.ts'
import type { Job } from '../../src-shared/jobs.ts'
import { buildRunConfig } from '../../src-shared/train-options.ts'
import { makeItem } from './items.ts'

const items = [
  makeItem({ name: 'run-10', tags: ['paper'], accuracies: [0.9] }),
  makeItem({ name: 'run-2', note: 'the good one', accuracies: [null] }),
  makeItem({ name: 'other', role: 'baseline', accuracies: [0.5] })
]
const names = (list: readonly { name: string }[]) => list.map(({ name }) => name)

describe('the library', () => {
  it('finds every word, anywhere, in any case', () => {
    expect(names(searchItems(items, 'PAPER'))).toEqual(['run-10'])
    expect(names(searchItems(items, 'run good'))).toEqual(['run-2'])
    expect(names(searchItems(items, 'baseline'))).toEqual(['other'])
    expect(searchItems(items, '  ')).toHaveLength(3)
    expect(searchItems(items, 'nowhere')).toEqual([])
  })
  it('sorts numbers in names as numbers', () =>
    expect(names(sortItems(items, { column: 'name', isDescending: false }))).toEqual(['other', 'run-2', 'run-10']))
  it('puts what is not measured last, either way', () => {
    expect(names(sortItems(items, { column: 'accuracy', isDescending: false }))).toEqual(['other', 'run-10', 'run-2'])
    expect(names(sortItems(items, { column: 'accuracy', isDescending: true }))).toEqual(['run-10', 'other', 'run-2'])
  })
  it('has no seed where nobody knows it, and a folder is no file', () => {
    const known = makeItem({ name: 'known', seed: 3 })
    const unknown = makeItem({ name: 'unknown', role: 'unknown', frames: [] })
    expect([known, unknown].map(seedOf)).toEqual([3, null])
    expect([known, unknown].map(kindWord)).toEqual(['file', 'folder'])
    for (const isDescending of [false, true])
      expect(names(sortItems([unknown, known], { column: 'seed', isDescending }))).toEqual(['known', 'unknown'])
  })
  it('keeps every item in every order', () =>
    fc.assert(
      fc.property(fc.constantFrom(...columns), fc.boolean(), (column, isDescending) => {
        expect(new Set(sortItems(items, { column, isDescending }))).toEqual(new Set(items))
      })
    ))
  it('tells two checkpoints apart', () => {
    const differing = diffItems(items[0]!, items[2]!).filter(({ differs }) => differs)
    expect(differing.map(({ name }) => name)).toEqual(['Method', 'Exit 4, accuracy'])
    expect(differing[1]?.values).toEqual(['90.00 %', '50.00 %'])
    expect(diffItems(items[0]!, items[0]!).some(({ differs }) => differs)).toBe(false)
  })
  it('tells apart how two runs of the lab were trained', () => {
    const job = (run: string, seed: number, labelNoise: number): Job => ({
      ...{ id: run, title: run, state: 'done', error: null, run, attempts: 1 },
      ...{ createdAt: '', startedAt: null, endedAt: null, progress: { fraction: 1, secondsLeft: 0, message: '' } },
      spec: { kind: 'train', name: run, config: buildRunConfig({ seed, labelNoise, schedule: 'step', epochs: 200 }) }
    })
    const configs = configsOf([job(items[0]!.path, 0, 0), job(items[1]!.path, 1, 0.4)])
    const rows = (a: number, b: number) => diffItems(items[a]!, items[b]!, configs)
    const noise = rows(0, 1).find(({ name }) => name === 'Label noise')
    expect(noise).toEqual({ name: 'Label noise', values: ['0 %', '40 %'], differs: true })
    expect(rows(0, 1).find(({ name }) => name === 'Schedule')).toMatchObject({
      values: ['0.1 × after 75, 130, 180', '0.1 × after 75, 130, 180'],
      differs: false
    })
    expect(rows(1, 2).find(({ name }) => name === 'Label noise')?.values).toEqual(['40 %', 'unknown'])
    expect(diffItems(items[0]!, items[2]!).map(({ name }) => name)).not.toContain('Label noise')
  })
  it('lists every tag once', () => {
    const tagged = [makeItem({ tags: ['b', 'a10'] }), makeItem({ tags: ['a2', 'b'] })]
    expect(tagsOf(tagged)).toEqual(['a2', 'a10', 'b'])
  })
})
