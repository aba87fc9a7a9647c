import { createRawSnippet, type Component } from 'svelte'
import { render } from 'svelte/server'
import { describe, expect, it } from 'vitest'
import DifferenceFigure from '../../../src-renderer/inspect/DifferenceFigure.svelte'
import FileFacts from '../../../src-renderer/inspect/FileFacts.svelte'
import HistogramFigure from '../../../src-renderer/inspect/HistogramFigure.svelte'
import NetworkMap from '../../../src-renderer/inspect/NetworkMap.svelte'
import type { Inspection } from '../../../src-renderer/inspect/parts.ts'
import RowTable from '../../../src-renderer/inspect/RowTable.svelte'
import TensorNumbers from '../../../src-renderer/inspect/TensorNumbers.svelte'
import { diffGroups } from '../../../src-renderer/inspect/diff-rows.ts'
import { differenceRow } from './rows.ts'

const markup = <P extends Record<string, unknown>>(of: unknown, props: P): string =>
  render(of as Component<P>, { props }).body
const wordsOf = (text: string): string =>
  text
    .replace(/<!--[^>]*-->/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')

const cost = { multiplyAdds: 1000, parameters: 100, channels: 8, size: 32, convolutions: 1 }
const inspection: Inspection = {
  ...{
    format: 'pytorch-zip',
    family: 'ResNet',
    title: 'ResNet18',
    depth: 18,
    width: 8,
    heads: 'bottleneck',
    classes: 10
  },
  ...{ inputChannels: 3, parameters: 1000, multiplyAdds: 9000, misfit: null, inputSize: 32, outputs: null },
  exits: [
    { exit: 1, parameters: 250, multiplyAdds: 3000, acceleration: 3, compression: 4 },
    { exit: 2, parameters: 1000, multiplyAdds: 9000, acceleration: 1, compression: 1 }
  ],
  stem: cost,
  stages: [cost, { ...cost, size: 16, channels: 16 }],
  tensors: [
    { name: 'conv1.weight', shape: [8, 3, 3, 3], dtype: 'F32', part: 'backbone', stage: 0, role: 'convolution' },
    { name: 'fc.weight', shape: [10, 16], dtype: 'F32', part: 'head', stage: 2, role: 'linear' }
  ],
  remarks: ['Two values were wider than float32.'],
  notes: [{ name: 'epoch', text: '<b>12</b>' }],
  preprocessing: { size: 32, mean: [0.5], deviation: [0.25] },
  classNames: ['cat', 'dog']
}
const nothing = () => undefined

describe('the table', () => {
  const rows = Array.from({ length: 5000 }, (_, i) => ({ name: `t${i}` }))
  const cells = createRawSnippet((row: () => { name: string }) => ({
    render: () => `<div role="gridcell">${row().name}</div>`
  }))
  const heads = [{ key: 'name', text: 'Tensor', width: '1fr', column: 'name' }]
  const props = { label: 'Tensors', heads, rows, onorder: nothing, onmark: nothing, cells, testid: 'tensors' }

  it('of thousands of rows draws a few, and says how many there are', () => {
    const body = markup(RowTable, { ...props, order: null, marked: 't1' })
    expect(body.match(/role="gridcell"/g)!.length).toBeLessThan(60)
    expect(body).toContain('aria-rowcount="5001"')
    expect(body).toContain(`height: ${28 * (5000 - body.match(/role="gridcell"/g)!.length)}px`)
  })

  it('says what is marked, and how it is sorted', () => {
    const body = markup(RowTable, { ...props, order: { column: 'name', isDescending: true }, marked: 't1' })
    const [, id] = /aria-activedescendant="([^"]+)"/.exec(body)!
    expect(body).toMatch(new RegExp(`id="${id}"[^>]*aria-selected="true"|aria-selected="true"[^>]*id="${id}"`))
    expect(body).toContain('aria-sort="descending"')
  })
})

describe('the map of the network', () => {
  const props = { inspection, theme: 'light', chosen: null, onchoose: nothing, onpoint: nothing }

  it('has every stage with its exit, in words', () => {
    const words = wordsOf(markup(NetworkMap, props))
    expect(words).toMatch(/Image 32×32×3 .*Stem 32×32×8 100 parameters/)
    expect(words).toMatch(/Stage 1 .* Exit 1 3.0 × faster head 50 .*Stage 2 16×16×16 .* Exit 2 whole network head 700/)
  })

  it('holds down what is chosen', () => {
    const body = markup(NetworkMap, { ...props, chosen: { part: 'head', stage: 1 } })
    expect(body.match(/aria-pressed="true"/g)).toHaveLength(1)
  })

  it('of a graph knows its exits only', () => {
    const words = wordsOf(markup(NetworkMap, { ...props, inspection: { ...inspection, stem: null, stages: [] } }))
    expect(words).toMatch(/Up to exit 1 .*Exit 1 .*Up to exit 2/)
    expect(words).not.toMatch(/undefined|NaN/)
  })
})

it('what a file says stands there as text, never as markup', () => {
  const body = markup(FileFacts, { inspection, path: '/a/b.pth' })
  expect(body).toContain('&lt;b>12')
  expect(wordsOf(body)).toMatch(/PyTorch .*2 tensors, 376 values .*32 × 32 pixels, mean 0.5, deviation 0.25 .*cat, dog/)
  expect(wordsOf(body)).toContain('Two values were wider than float32.')
})

it('of what a network gave, what the file holds: it asks for no images and no network', () => {
  const outputs = { exits: [1, 3], count: 50, classes: 10, hasImages: false }
  const misfit = 'holds what a network gave, not the network; this needs the network.'
  const given = { ...inspection, ...{ outputs, misfit, exits: [], stem: null, stages: [], preprocessing: null } }
  const words = wordsOf(markup(FileFacts, { inspection: given, path: '/a/b.npz' }))
  expect(words).toMatch(
    /What a network gave: 2 exits, 50 images, 10 classes .*Exits 1, 3 .*Images 50, which do not lie/
  )
  expect(words).not.toContain('nobody says')
  const row = { name: 'logits_1', shape: [50, 10], dtype: 'F32', count: 500, numbers: null }
  expect(markup(TensorNumbers, { row, isOutputs: true })).not.toContain('unknown')
  expect(markup(TensorNumbers, { row, isOutputs: false })).toContain('its place in a network is unknown')
})

describe('the figures', () => {
  const drawn = { width: 500, height: 220, theme: 'light', figureStyle: 'screen', id: 'x' }
  const histogram = (low: number, ...counts: number[]) => ({ low, high: low + 2, counts: Uint32Array.from(counts) })
  const props = { ...drawn, histogram: histogram(-1, 4, 0, 1), isLog: false, stage: 2, deepestExit: 4 }
  const barsOf = (body: string) => body.match(/<rect [^>]*fill="rgb[^>]*>|<rect [^>]*fill="#2b8fb0"[^>]*>/g) ?? []

  it('a histogram draws each bin that holds something, on either scale', () => {
    for (const isLog of [false, true]) {
      const body = markup(HistogramFigure, { ...props, isLog })
      expect(barsOf(body)).toHaveLength(2)
      expect(body).not.toMatch(/NaN|undefined|Infinity/)
    }
  })

  it('a tensor without finite values has a sentence in its place', () => {
    expect(markup(HistogramFigure, { ...props, histogram: histogram(NaN, 0, 0) })).toContain('No finite values')
  })

  it('the difference names every bar, and says what dashes are', () => {
    const rows = [
      differenceRow({ name: 'a.weight', part: 'backbone', stage: 1, role: 'convolution', relative: 0.25 }),
      differenceRow({
        name: 'b.weight',
        part: 'backbone',
        stage: 2,
        role: 'convolution',
        state: 'onlyInA',
        relative: NaN
      })
    ]
    const body = markup(DifferenceFigure, {
      ...{ ...drawn, groups: diffGroups(rows), isLog: true, deepestExit: 2, summary: '0 of 2 tensors equal.' }
    })
    expect(body).toContain('<title>a.weight: 0.250</title>')
    expect(body).toContain('<title>b.weight: only in the first</title>')
    expect(wordsOf(body)).toContain('0 of 2 tensors equal. Dashed: in one of the two only, or of another shape.')
    expect(body).not.toMatch(/NaN|undefined/)
  })

  it('the difference of nothing is an empty panel', () => {
    const body = markup(DifferenceFigure, { ...drawn, groups: [], isLog: true, deepestExit: 1, summary: '' })
    expect(body).not.toMatch(/NaN|undefined|Infinity/)
  })
})
