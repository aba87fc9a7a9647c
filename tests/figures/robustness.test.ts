import { describe, expect, test } from 'vitest'
import { renderFigure } from '../../src-main/cli/render-figure.ts'
import { figures, type OptionWords } from '../../src-renderer/figures/index.ts'
import type { AnyReport, ProbeKind } from '../../src-shared/reports.ts'
import {
  makeDiscriminativeness,
  makeEmbedding,
  makeFlatness,
  makeGradients,
  makeHistory,
  nineSubjects,
  twoSubjects,
  type FixtureOptions
} from './fixture-reports.ts'
import { checkWellFormed, findClipped, findOverlaps } from './svg-checks.ts'

const makers: [string, (options: FixtureOptions) => AnyReport][] = [
  ['embedding', (options) => makeEmbedding({ images: 60, ...options })],
  ['discriminativeness', makeDiscriminativeness],
  ['flatness', makeFlatness],
  ['gradients', makeGradients],
  ['history', makeHistory]
]
const hostile = `<script>alert("x")</script> & 'y' \u0000\u202e]]> </text>`
// Whole numbers by their schemas, which can't be NaN.
const whole =
  /^(exit|exits|indices|labels|predictions|stage|count|classes|class|step|epoch|seed|dims|draws|neighbors|dimensions|deadDimensions|limit|resamples|drop)$/

/** The report with every n-th measured number replaced. */
function poison(report: AnyReport, every: number, bad: number): AnyReport {
  let seen = 0
  const walk = (value: unknown, key: string): unknown => {
    if (typeof value === 'number') return !whole.test(key) && seen++ % every === 0 ? bad : value
    if (Array.isArray(value)) return value.map((item) => walk(item, key))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, walk(item, name)]))
  }
  return { ...report, checkpoints: walk(report.checkpoints, '') } as AnyReport
}

const check = (svg: string): void => {
  checkWellFormed(svg)
  expect(svg).not.toMatch(/NaN|Infinity|undefined/)
  expect(findClipped(svg)).toEqual([])
  expect(findOverlaps(svg)).toEqual([])
}

describe.each(makers)('%s', (kind, make) => {
  test.each([
    [1, NaN],
    [3, NaN],
    [4, Infinity],
    [5, -Infinity],
    [2, 0],
    [7, -1e9],
    [6, 1e-30]
  ])('draws a report in which every %ith number is %d', (every, bad) => {
    check(renderFigure(poison(make({}), every, bad)))
  })

  test('draws names that look like markup as text', () => {
    const subjects = [{ name: hostile }, { name: '' }, { name: '名前'.repeat(80) }, { name: hostile }]
    const svg = renderFigure(make({ subjects }), { title: hostile })
    check(svg)
    expect(svg).not.toContain('<script')
    expect(svg).toContain('&lt;script&gt;')
  })

  test.each([
    [1, 1],
    [2, 3],
    [9, 4],
    [9, 6]
  ])('draws %i subjects with %i exits', (subjects, exits) => {
    check(renderFigure(make({ subjects: nineSubjects.slice(0, subjects), exits })))
  })

  test.each([
    [420, 900],
    [528, 1400],
    [800, 900],
    [1600, 1000]
  ])('fits %i x %i pixels', (width, height) => {
    const svg = renderFigure(make({}), { width, height })
    expect(svg).toContain(`viewBox="0 0 ${width} ${height}"`)
    check(svg)
  })

  test('takes ids from its prop, so that two figures share a page', () => {
    const ids = (id: string) => [...renderFigure(make({}), { id }).matchAll(/ id="([^"]+)"/g)].map(([, found]) => found)
    expect(ids('left').every((id) => id?.startsWith('left'))).toBe(true)
    expect(new Set([...ids('left'), ...ids('right')]).size).toBe(2 * ids('left').length)
  })

  test('is styled by presentation attributes alone', () => {
    expect(renderFigure(make({}))).not.toMatch(/ style=| class=|<style/)
  })

  test('draws every word of its options', () => {
    const options = figures[kind as AnyReport['kind']].options as Record<string, OptionWords<ProbeKind>>
    for (const [name, choice] of Object.entries(options)) {
      const report = make({ subjects: twoSubjects })
      for (const word of typeof choice === 'function' ? choice(report as never, {}) : choice)
        check(renderFigure(report, { props: { [name]: word } }))
    }
  })
})

test('an option or a size that can not be drawn is refused in a sentence', () => {
  expect(() => renderFigure(makeFlatness(), { props: { quantity: 'entropy' } })).toThrow(
    'The flatness figure has no quantity entropy; choose accuracy, loss.'
  )
  expect(() => renderFigure(makeFlatness(), { width: 1e9 })).toThrow("A figure can't be 1000000000 pixels in width")
})
