import { describe, expect, test } from 'vitest'
import { renderFigure } from '../../src-main/cli/render-figure.ts'
import { checkWellFormed, findClipped, findOverlaps, measureTexts } from './svg-checks.ts'
import { gallery } from './gallery/gallery.ts'

const themes = ['light', 'dark'] as const

describe.each(gallery)('$name', ({ name, report, options }) => {
  test.each(themes)('is drawn as in the gallery, %s', async (theme) => {
    const svg = renderFigure(report(), { ...options, theme })
    checkWellFormed(svg)
    expect(svg).not.toMatch(/NaN|Infinity|undefined|\bnull\b/)
    await expect(svg).toMatchFileSnapshot(`snapshots/${name}-${theme}.svg`)
  })

  test('has readable texts that neither leave the picture nor cover each other', () => {
    const svg = renderFigure(report(), options)
    expect(measureTexts(svg).length).toBeGreaterThan(8)
    expect(measureTexts(svg).filter(({ size }) => !(size >= 11))).toEqual([])
    expect(findClipped(svg)).toEqual([])
    expect(findOverlaps(svg)).toEqual([])
  })

  test('is the same every time', () => {
    expect(renderFigure(report(), options)).toBe(renderFigure(report(), options))
  })
})

test('the page of the gallery shows every picture', async () => {
  const pictures = gallery.flatMap(({ name, about }) => [
    `## ${name}`,
    about,
    ...themes.map((theme) => `![${name}, ${theme}](${name}-${theme}.svg)`)
  ])
  const page = ['# Figures', 'Drawn by the tests from made-up numbers; none of them was measured.', ...pictures]
  await expect(page.join('\n\n') + '\n').toMatchFileSnapshot('snapshots/README.md')
})
