import { createRawSnippet } from 'svelte'
import { render } from 'svelte/server'
import { describe, expect, test } from 'vitest'
import { renderFigure } from '../../src-main/cli/render-figure.ts'
import { cleanSvg } from '../../src-main/export/clean-svg.ts'
import EmbeddingFigure from '../../src-renderer/figures/EmbeddingFigure.svelte'
import { nameClass } from '../../src-renderer/figures/class-names.ts'
import FlatnessFigure from '../../src-renderer/figures/FlatnessFigure.svelte'
import type { GradientsLayout } from '../../src-renderer/figures/gradients-layout.ts'
import GradientsFigure from '../../src-renderer/figures/GradientsFigure.svelte'
import { describeFigure } from '../../src-renderer/figures/index.ts'
import { placeSectionNames } from '../../src-renderer/figures/layer-labels.ts'
import { layoutLegend } from '../../src-renderer/figures/legend-layout.ts'
import { chooseColumns } from '../../src-renderer/figures/layout.ts'
import { markerPath, shapes } from '../../src-renderer/figures/markers.ts'
import { formatNumber, formatTick } from '../../src-renderer/figures/numbers.ts'
import { classLooks, defaultHighlight, exitColor, subjectLook } from '../../src-renderer/figures/palette.ts'
import type { FlatnessPlace } from '../../src-renderer/figures/places.ts'
import { ellipsize, textWidth, wrapText } from '../../src-renderer/figures/text-width.ts'
import { themeOf } from '../../src-renderer/figures/theme.ts'
import { linearAxis, logAxis } from '../../src-renderer/figures/ticks.ts'
import { makeEmbedding, makeFlatness, makeGradients } from './fixture-reports.ts'

/** Contrast of two colours (WCAG 2.1). */
function contrast(a: string, b: string): number {
  const channels = (color: string): number[] =>
    color.startsWith('#')
      ? [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16))
      : (color.match(/\d+/g) ?? []).map(Number)
  const luminance = (color: string): number => {
    const [r = 0, g = 0, b = 0] = channels(color).map((value) => {
      const part = value / 255
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (high + 0.05) / (low + 0.05)
}

describe.each(['light', 'dark'] as const)('%s colours', (name) => {
  const theme = themeOf(name, 'screen')
  test('texts can be read', () => {
    for (const text of [theme.ink, theme.muted]) {
      expect(contrast(text, theme.background)).toBeGreaterThan(4.5)
      expect(contrast(text, theme.panel)).toBeGreaterThan(4.5)
    }
  })
  test('the deeper the exit, the further from the background', () => {
    const steps = [1, 2, 3, 4].map((exit) => contrast(exitColor(exit, 4, name), theme.background))
    expect(steps).toEqual([...steps].sort((a, b) => a - b))
    expect(steps[0]).toBeGreaterThan(2.2)
  })
  test('ten classes differ in colour and in shape', () => {
    const looks = classLooks(10, [], name, theme.faint)
    expect(new Set(looks.map(({ color }) => color)).size).toBe(10)
    expect(new Set(looks.map(({ shape }) => shape)).size).toBe(10)
  })
  test('of a hundred classes at most eight have a colour', () => {
    const count = (highlight: number[]) =>
      classLooks(100, highlight, name, theme.faint).filter(({ highlighted }) => highlighted).length
    expect(count(defaultHighlight(100))).toBe(8)
    expect(count([])).toBe(0)
    expect(count(Array.from({ length: 30 }, (_, i) => i))).toBe(8)
  })
})

test('nine subjects differ in dash and in marker', () => {
  const looks = Array.from({ length: 9 }, (_, i) => subjectLook(i))
  expect(new Set(looks.map(({ dash }) => dash)).size).toBe(9)
  expect(new Set(looks.map(({ shape }) => shape)).size).toBe(9)
})

test.each(shapes)('the marker %s is a closed path about its place', (shape) => {
  expect(markerPath(shape, 10, 20, 3)).toMatch(/^M[-\d.,aL]+Z$/)
})

test.each([
  [0, '0'],
  [0.1234, '0.123'],
  [12.345, '12.3'],
  [4096, '4096'],
  [40960, '40,960'],
  [-1.5, '−1.50'],
  [1.5e-7, '1.5e−7'],
  [2.5e9, '2.5e9'],
  [NaN, '–']
])('formatNumber(%d) is %s', (value, text) => expect(formatNumber(value)).toBe(text))

test.each([
  [0.30000000000000004, '0.3'],
  [1e-5, '1e−5'],
  [100000, '10⁵'],
  [-0.2, '−0.2']
])('formatTick(%d) is %s', (value, text) => expect(formatTick(value)).toBe(text))

describe('text', () => {
  test('an ellipsis makes it fit', () => {
    const text = ellipsize('a rather long name of a checkpoint', 100, 12)
    expect(text).toMatch(/…$/)
    expect(textWidth(text, 12)).toBeLessThanOrEqual(100)
    expect(ellipsize('short', 100, 12)).toBe('short')
    expect(ellipsize('name', 2, 12)).toBe('')
  })
  test('characters that no line can hold become spaces', () => {
    expect(ellipsize('a\u0000b\nc\u202e', 100, 12)).toBe('a b c')
  })
  test('lines break at spaces', () => {
    const lines = wrapText('one two three four five six', 60, 12)
    expect(lines.length).toBeGreaterThan(2)
    expect(lines.join(' ')).toBe('one two three four five six')
  })
})

describe('axes', () => {
  test('lead from a pixel back to its value', () => {
    const range = [40, 240] as const
    for (const axis of [linearAxis([2, 6], { range, spacing: 40 }), logAxis([0.01, 1], { range, spacing: 40 })]) {
      expect(axis.position(axis.invert(77))).toBeCloseTo(77, 9)
      expect(axis.invert(range[0])).toBeCloseTo(axis.kind === 'log' ? 0.01 : 2, 12)
    }
  })

  test('linear ticks are round, labels far enough apart', () => {
    const { ticks } = linearAxis([0, 0.97], { range: [0, 300], spacing: 60, horizontal: true })
    expect(ticks.map(({ label }) => label)).toEqual(['0', '0.2', '0.4', '0.6', '0.8'])
  })
  test('a logarithmic axis grows to a round value and has no place for zero', () => {
    const { ticks, position } = logAxis([0.013, 0.9], { range: [100, 0], spacing: 40 })
    expect(ticks.map(({ label }) => label).filter(Boolean)).toEqual(['0.01', '0.1', '1'])
    expect(position(0)).toBeNaN()
    expect(position(1)).toBeCloseTo(0, 9)
  })
})

test('a legend that does not fit in one row has aligned columns', () => {
  const items = Array.from({ length: 7 }, (_, i) => ({
    label: `network ${i}`,
    kind: 'line' as const,
    color: '#000000'
  }))
  const { items: placed, height } = layoutLegend(items, 400)
  expect(height).toBe(3 * 19)
  expect(placed[3]?.x).toBe(placed[0]?.x)
  expect(placed[4]?.x).toBe(placed[1]?.x)
})

test('panels wrap into even lines', () => {
  expect(chooseColumns(4, 800, 40, 16, 118)).toBe(4)
  expect(chooseColumns(4, 400, 40, 16, 118)).toBe(2)
  expect(chooseColumns(5, 420, 40, 16, 100)).toBe(3)
})

test('a section too narrow for its name has none rather than one over another', () => {
  const section = (start: number, count: number, label: string) => ({
    label,
    start,
    count,
    stage: 1,
    part: 'backbone' as const
  })
  const sections = [section(0, 1, 'Stem'), section(1, 4, 'Stage 1')]
  expect(placeSectionNames(sections, 40, 200)).toEqual(['Stem', 'Stage 1'])
  expect(placeSectionNames(sections, 11, 55)).toEqual(['', 'Stage 1'])
})

test('classes are called as their data set calls them', () => {
  expect(nameClass(9, 'Fashion-MNIST')).toBe('Ankle boot')
  expect(nameClass(9, 'fashion-mnist', ['a'])).toBe('Ankle boot')
  expect(nameClass(0, 'own', ['a'])).toBe('a')
  expect(nameClass(7, 'own')).toBe('class 7')
})

test('a snippet draws the points of a map in place of SVG marks, with the figure’s own scales', () => {
  const seen: number[] = []
  const marks = createRawSnippet((map: () => { panel: { points: unknown[] }; x: (value: number) => number }) => {
    seen.push(map().panel.points.length)
    return { render: () => `<g data-screen-only=""></g>` }
  })
  const report = makeEmbedding({ images: 30 })
  const props = { report, width: 800, height: 600, theme: 'light', figureStyle: 'screen', id: 'map', marks }
  const { body } = render(EmbeddingFigure, { props })
  expect(seen).toEqual(Array<number>(8).fill(30))
  expect(body.match(/data-screen-only/g)).toHaveLength(8)
})

describe('what a screen lays over a figure', () => {
  const common = { width: 900, height: 700, theme: 'light', figureStyle: 'screen' } as const
  const overlay = (see: (place: never) => void) =>
    createRawSnippet((place: () => unknown) => {
      see(place() as never)
      return { render: () => '<path d="M0,0" stroke="red"></path>' }
    })

  test('flatness: knows each panel with its curves and scales, and is not in the file', () => {
    const report = makeFlatness({ protocols: ['a', 'b'], exits: 3 })
    const seen: FlatnessPlace[] = []
    const props = { ...common, report, id: 'flatness', overlay: overlay((place) => seen.push(place)) }
    const { body } = render(FlatnessFigure, { props })
    expect(seen.map(({ row, panel }) => `${row.protocol} ${panel.exit}`)).toEqual([
      'a 1',
      'a 2',
      'a 3',
      'b 1',
      'b 2',
      'b 3'
    ])
    for (const { rect, x, y, row, panel } of seen) {
      expect(x.position(row.xMax)).toBeCloseTo(rect.x + rect.width, 6)
      const { y: value } = panel.curves[0]!.points[2]!
      expect(y.invert(y.position(value))).toBeCloseTo(value, 9)
    }
    expect(body).toContain('stroke="red"')
    const { width, height } = common
    expect(cleanSvg(body, describeFigure(report))).toBe(renderFigure(report, { width, height, id: 'flatness' }))
  })

  test('gradients: knows where each layer lies, and is not in the file', () => {
    const report = makeGradients()
    const seen: GradientsLayout[] = []
    const props = { ...common, report, id: 'gradients', overlay: overlay((place) => seen.push(place)) }
    const { body } = render(GradientsFigure, { props })
    const [{ series, rect, pitch }] = seen as [GradientsLayout]
    expect(series.layers.length * pitch).toBeCloseTo(rect.width, 9)
    const { width, height } = common
    expect(cleanSvg(body, describeFigure(report))).toBe(renderFigure(report, { width, height, id: 'gradients' }))
  })

  test('flatness: an exit keeps its colour where deeper ones are not shown', () => {
    const report = makeFlatness({ exits: 4 })
    const colorOf = (deepestExit?: number) => {
      const seen: FlatnessPlace[] = []
      const part = {
        ...report,
        checkpoints: report.checkpoints.map((entry) => ({
          ...entry,
          exits: entry.exits.filter(({ exit }) => exit === 2)
        }))
      }
      const props = {
        ...common,
        report: part,
        id: 'f',
        overlay: overlay((place) => seen.push(place)),
        ...(deepestExit && { deepestExit })
      }
      // A snippet is called while the body is made.
      expect(render(FlatnessFigure, { props }).body).not.toBe('')
      return seen[0]!.color
    }
    expect(colorOf(4)).toBe(exitColor(2, 4, 'light'))
    expect(colorOf()).toBe(exitColor(2, 2, 'light'))
  })
})
