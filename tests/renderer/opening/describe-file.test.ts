import { describe, expect, it } from 'vitest'
import {
  datasetChoices,
  factsOf,
  headlineOf,
  preferredDataset,
  reasonAgainst,
  shortRemark
} from '../../../src-renderer/opening/describe-file.ts'
import { aboutSeconds } from '../../../src-renderer/opening/file-state.svelte.ts'
import { fileNameOf } from '../../../src-renderer/opening/file-name.ts'
import { valuesWords } from '../../../src-renderer/opening/preprocessing-words.ts'
import { datasets, makeInspection } from './made-up.ts'

describe('what a file is', () => {
  it('a network', () => {
    expect(headlineOf(makeInspection(), 'net')).toBe('ResNet50, 100 classes, 4 exits, bottleneck heads')
    expect(headlineOf(makeInspection({ exits: makeInspection().exits.slice(3), heads: 'none' }), 'net')).toBe(
      'ResNet50, 100 classes, 1 exit'
    )
    expect(factsOf(makeInspection())).toBe(
      'PyTorch · 37.3 M parameters · 1.31 G multiply-adds on 32 × 32 pixels · colour images'
    )
  })

  it('its heads in words', () => {
    const heads = (heads: string) => headlineOf(makeInspection({ heads }), 'net').split(', ').at(-1)
    expect(['sepconv', 'scan', 'bottleneck-steps', 'mixed'].map(heads)).toEqual([
      ...['separable heads', 'SCAN heads', 'bottleneck heads in steps', 'several kinds of heads']
    ])
  })

  it('a graph goes by its name', () => {
    const graph = makeInspection({
      format: 'onnx',
      family: 'graph',
      title: 'Graph of 3 layers',
      heads: 'mixed',
      depth: 3
    })
    expect(headlineOf(graph, 'net')).toBe('net, 100 classes, 4 exits')
    expect(factsOf(graph)).toContain('ONNX · 3 layers with weights · 37.3 M parameters')
  })

  it('long remarks are cut', () => {
    expect(shortRemark('Left aside.')).toBe('Left aside.')
    const names = Array.from({ length: 40 }, (_, index) => `"output ${index}"`).join(', ')
    const short = shortRemark(`Left aside, for they are no exits: ${names}.`)
    expect(short).toMatch(/^Left aside, for they are no exits: .*"output \d+" …$/)
    expect(short.length).toBeLessThan(145)
    expect(shortRemark('x'.repeat(500))).toHaveLength(122)
  })

  it('tensors', () => expect(headlineOf(makeInspection({ misfit: 'is something else.' }), 'net')).toBe('1 tensor'))

  it('outputs', () => {
    const outputs = { exits: [1, 2], count: 2000, classes: 10, hasImages: false }
    expect(headlineOf(makeInspection({ outputs }), 'net')).toBe(
      'What a network gave: 2 exits, 2,000 images, 10 classes'
    )
  })
})

describe('the data', () => {
  it('that fits comes first, the rest says why it does not', () => {
    const choices = datasetChoices(makeInspection(), datasets)
    expect(choices.map(({ value, disabled }) => [value, disabled])).toEqual([
      ['cifar100', false],
      ['fashion-mnist', true],
      ['cifar10', true]
    ])
    expect(reasonAgainst(makeInspection(), datasets[0]!)).toBe('It has grey images; the network takes colour images.')
    expect(reasonAgainst(makeInspection(), datasets[1]!)).toBe('It has 10 classes; the network knows 100.')
  })

  it('is the one that is wanted, where it fits', () => {
    const ten = makeInspection({ classes: 10 })
    expect(preferredDataset(ten, datasets, ['fashion-mnist'])).toBe('cifar10')
    expect(preferredDataset(makeInspection({ classes: 10, inputChannels: 1 }), datasets, ['', 'fashion-mnist'])).toBe(
      'fashion-mnist'
    )
    expect(preferredDataset(makeInspection({ classes: 7 }), datasets, [])).toBeNull()
  })
})

it('words', () => {
  expect([NaN, 3, 44, 89, 100, 360, 9000].map(aboutSeconds)).toEqual([
    ...['', 'about 10 s', 'about 40 s', 'about 90 s', 'about 2 min', 'about 6 min', 'about 3 h']
  ])
  expect(fileNameOf('/a/b/net.pth')).toBe('net.pth')
  expect(fileNameOf('C:\\a\\net.pth')).toBe('net.pth')
  expect(valuesWords({ size: 224, mean: [0.485], deviation: [1 / 255], channelOrder: 'bgr', fit: 'resize' })).toBe(
    '224 × 224 pixels, resized, mean 0.485, deviation 0.003922, colours as BGR'
  )
})
