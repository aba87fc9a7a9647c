import { describe, expect, it } from 'vitest'
import { chooseImages, readDraws } from '../../../src-renderer/train/augmentation-draws.svelte.ts'
import { suggestDatasetName } from '../../../src-renderer/train/dataset-name.ts'
import { exitsOf, hasForms, headOf, stageCount } from '../../../src-renderer/train/network-facts.ts'
import { networkOptions, titleOf } from '../../../src-renderer/train/network-words.ts'
import { formatList, readList } from '../../../src-renderer/train/number-list.ts'
import { formatMemory, formatShort } from '../../../src-renderer/train/quantities.ts'
import { describeTeacher, teachersFor } from '../../../src-renderer/train/teachers.ts'
import { networkNames } from '../../../src-shared/networks/find-network.ts'
import { buildRunConfig } from '../../../src-shared/train-options.ts'

describe('quantities', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [999.6, '1 k'],
    [1234, '1.23 k'],
    [999_600, '1 M'],
    [9_437_184, '9.44 M'],
    [1.3e9, '1.3 G']
  ])('%d in short', (count, text) => expect(formatShort(count)).toBe(text))
  it.each([
    [4e8, 'about 400 MB'],
    [1.234e9, 'about 1.2 GB'],
    [9.97e8, 'about 1 GB'],
    [2.3e10, 'about 23 GB']
  ])('%d bytes', (bytes, text) => expect(formatMemory(bytes)).toBe(text))
})

describe('lists of numbers', () => {
  it('are read with commas, semicolons or spaces between', () =>
    expect(readList(' 1, 2;3 4 ', { from: 0 })).toEqual({ numbers: [1, 2, 3, 4], problem: '' }))
  it('say what is none', () => {
    expect(readList('1, x', { from: 0 }).problem).toBe('x is no number of at least 0.')
    expect(readList('0', { above: 0 }).problem).toBe('0 is no number of more than 0.')
    expect(readList('', { from: 0 })).toEqual({ numbers: [], problem: '' })
  })
  it('are written short', () => expect(formatList([0.1 + 0.2, 1])).toBe('0.3, 1'))
})

describe('the menu of networks', () => {
  it('has them all, those of a group together', () => {
    expect(networkOptions.map(({ value }) => value).sort()).toEqual([...networkNames].sort())
    const groups = networkOptions.map(({ group }) => group)
    expect(groups.filter((group, i) => group !== groups[i - 1])).toHaveLength(new Set(groups).size)
  })
  it('writes them as people do', () => {
    expect(titleOf('resnext29-8x64d')).toBe('ResNeXt29-8x64d')
    expect(titleOf('no-such')).toBe('no-such')
  })
})

describe('facts of a network', () => {
  it('counts stages and exits of every one', () => {
    for (const network of networkNames) {
      const config = buildRunConfig({ network, width: 8 })
      const stages = stageCount(config.network)
      expect(exitsOf(config)).toEqual(Array.from({ length: stages }, (_, i) => i + 1))
      expect(exitsOf({ ...config, method: 'kd' })).toEqual([stages])
    }
  })
  it('knows where a file hangs exits, and which', () => {
    const stages = [1, 2, 3].map(() => [{ block: 'basic' as const, channels: 8 }])
    const spec = { name: 'Mine', stages, exits: [{ stage: 2, head: 'linear' as const }] }
    const config = buildRunConfig({ spec })
    expect(exitsOf(config)).toEqual([2, 3])
    expect(headOf(config, 2)).toBe('linear')
    expect(headOf(buildRunConfig({ spec, head: 'scan' }), 2)).toBe('scan')
  })
  it('knows which have a stem for large images', () => {
    expect(hasForms(buildRunConfig({}).network)).toBe(true)
    expect(hasForms(buildRunConfig({ network: 'cnn' }).network)).toBe(false)
  })
})

describe('teachers', () => {
  const item = (name: string, changed = {}) => ({
    ...{ path: `/${name}`, name, network: 'ResNet18', state: 'ready' as const, dataset: 'other' },
    ...{ classes: ['a', 'b'], exits: [], ...changed }
  })
  it('know as many classes, and come from the same data first', () => {
    const items = [
      item('else'),
      item('three', { classes: ['a', 'b', 'c'] }),
      item('gone', { state: 'missing' }),
      item('same', { dataset: 'mine' })
    ]
    const found = teachersFor(items, { name: 'mine', classes: ['a', 'b'] })
    expect(found.map(({ name }) => name)).toEqual(['same', 'else'])
    expect(teachersFor(items, undefined)).toEqual([])
  })
  it('are told from one another by their accuracy', () => {
    const exits = [{ exit: 4, parameters: 1, multiplyAdds: 1, acceleration: 1, compression: 1, accuracy: 0.9134 }]
    expect(describeTeacher(item('a', { exits }))).toBe('ResNet18; 91.3 % right')
    expect(describeTeacher(item('a'))).toBe('ResNet18')
  })
})

describe('suggestDatasetName', () => {
  it.each([
    ['/data/cifar-10-batches-bin/', 'cifar-10-batches-bin'],
    ['C:\\data\\my pictures', 'my-pictures'],
    ['/data/cifar-100.tar.gz', 'cifar-100'],
    ['', '']
  ])('%s', (path, name) => expect(suggestDatasetName(path)).toBe(name))
})

describe('the pictures of augmentation', () => {
  it('are spread over the split, each once', () => {
    expect(chooseImages(60)).toEqual([5, 15, 25, 35, 45, 55])
    expect(chooseImages(2)).toEqual([0, 1])
  })
  it('are cut out of the answer, all draws of the first image first', () => {
    const bytes = (count: number) => Uint8Array.from({ length: count }, (_, i) => i)
    const [first, second] = readDraws(
      { shape: [1, 2, 1], originals: bytes(4), augmented: bytes(16), labels: [1, 0], classes: ['a', 'b'] },
      [7, 9]
    )
    expect([first!.className, second!.className]).toEqual(['b', 'a'])
    expect([...second!.original.pixels]).toEqual([2, 3])
    expect(second!.draws.map(({ pixels }) => [...pixels])).toEqual([
      [8, 9],
      [10, 11],
      [12, 13],
      [14, 15]
    ])
  })
})
