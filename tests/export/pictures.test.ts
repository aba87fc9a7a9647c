import { inflateSync } from 'node:zlib'
import PDFDocument from 'pdfkit'
import { expect, test } from 'vitest'
import { renderFigure } from '../../src-main/cli/render-figure.ts'
import { figureFonts } from '../../src-main/export/fonts.ts'
import { svgToPdf } from '../../src-main/export/svg-to-pdf.ts'
import { svgToPng } from '../../src-main/export/svg-to-png.ts'
import { readSvgSize } from '../../src-main/export/svg-size.ts'
import { textWidth } from '../../src-renderer/figures/text-width.ts'
import { makeEmbedding, makeFlatness } from '../figures/fixture-reports.ts'

const svg = renderFigure(makeFlatness(), { width: 600, height: 300, title: 'Flat?' })

/** Width, height and the decompressed rows of a PNG. */
function readPng(png: Buffer): { width: number; height: number; rows: Buffer } {
  const parts: Buffer[] = []
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at)
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + length))
    at += length + 12
  }
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20), rows: inflateSync(Buffer.concat(parts)) }
}

test.each([1, 2, 2.5])('a PNG has the size of the figure times %d, and a picture on it', (density) => {
  const png = svgToPng(svg, { density })
  const { width, height, rows } = readPng(png)
  expect([width, height]).toEqual([600 * density, 300 * density])
  expect(new Set(rows).size).toBeGreaterThan(50)
})

test('a PNG has texts in our own font', () => {
  const text = (weight: string) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="90" height="20" font-family="'IBM Plex Sans', sans-serif"><text y="15" font-weight="${weight}">Exit σ</text></svg>`
  const inked = (source: string) => readPng(svgToPng(source, { density: 1 })).rows.filter((byte) => byte > 0).length
  expect(inked(text('400'))).toBeGreaterThan(100)
  expect(inked(text('600'))).not.toBe(inked(text('400')))
})

test('the table of widths agrees with the fonts', () => {
  const document = new PDFDocument({ font: figureFonts.regular })
  for (const [weight, file] of Object.entries(figureFonts)) {
    document.font(file).fontSize(100)
    for (const text of ['Accuracy (%)', 'σ = 0.05 · 10–90 %', 'layer4.1.conv2', 'Überraschung']) {
      const width = textWidth(text, 100, weight as keyof typeof figureFonts)
      expect(Math.abs(width / document.widthOfString(text, { features: [] }) - 1)).toBeLessThan(0.01)
    }
  }
})

test('a PDF is vectors with text in embedded fonts, without pictures', async () => {
  const pdf = (await svgToPdf(svg)).toString('latin1')
  expect(pdf.startsWith('%PDF')).toBe(true)
  expect(pdf).toMatch(/\+IBMPlexSans-Regular/)
  expect(pdf).toMatch(/\+IBMPlexSans-SemiBold/)
  expect(pdf).toMatch(/\/FontFile2/)
  expect(pdf).not.toMatch(/\/Subtype\s*\/Image/)
  expect(pdf).toMatch(/\/MediaBox \[0 0 450 225\]/)
  const streams = [...pdf.matchAll(/stream\n([\s\S]*?)\nendstream/g)].map(([, data = '']) => {
    try {
      return inflateSync(Buffer.from(data, 'latin1')).toString('latin1')
    } catch {
      return ''
    }
  })
  expect(streams.some((stream) => /\bBT\n[\s\S]*> Tj\n/.test(stream))).toBe(true)
})

test('the same figure gives the same bytes', async () => {
  expect(svgToPng(svg).equals(svgToPng(svg))).toBe(true)
  expect((await svgToPdf(svg)).equals(await svgToPdf(svg))).toBe(true)
})

test('a map of many points can be exported', async () => {
  const map = renderFigure(makeEmbedding({ images: 500 }))
  expect((await svgToPdf(map)).length).toBeGreaterThan(10_000)
  expect(svgToPng(map).length).toBeGreaterThan(10_000)
})

test('a picture without a size is refused', () => {
  expect(() => readSvgSize('<svg viewBox="0 0 1 1"></svg>')).toThrow('The picture has no width and height in pixels.')
})
