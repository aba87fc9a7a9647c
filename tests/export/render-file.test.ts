import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { renderFigure } from '../../src-main/cli/render-figure.ts'
import { renderFile, renderPicture } from '../../src-main/export/render-file.ts'
import { reportToCsv } from '../../src-main/export/report-to-csv.ts'
import { packageRoot } from '../../src-main/package-root.ts'
import { UsageError, UserError } from '../../src-shared/errors.ts'
import { parseReport } from '../../src-shared/report-file.ts'

const common = { title: 'A title', description: 'What it is.', density: 1, createdAt: '2025-01-02T03:04:05.000Z' }
const svg = (content: string, size = 'width="20" height="10"') => `<svg ${size}>${content}</svg>`
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe('renderFile', () => {
  it('gives the text of an SVG file, screen-only parts left out', async () => {
    const source = svg('<!-- svelte --><g data-screen-only><rect/></g><rect y="1" x="0"></rect>')
    expect(text(await renderFile({ ...common, format: 'svg', source }))).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<svg height="10" width="20" xmlns="http://www.w3.org/2000/svg">\n' +
        '<title>A title</title>\n<desc>What it is.</desc>\n<rect x="0" y="1"/>\n</svg>\n'
    )
  })

  it('gives the same pictures as the command line', async () => {
    const report = parseReport(readFileSync(join(packageRoot, 'resources/samples/clean-history.json'), 'utf8'), 'clean')
    const drawn = renderFigure(report, { title: common.title })
    const description = /<desc>(.*)<\/desc>/.exec(drawn)![1]!
    const source = drawn.replace(/<(title|desc)>.*<\/\1>\n/g, '')
    for (const format of ['svg', 'png', 'pdf'] as const) {
      const file = await renderFile({ ...common, description, format, source })
      expect(Buffer.from(file).equals(Buffer.from(await renderPicture(drawn, { ...common, format })))).toBe(true)
    }
    const csv = await renderFile({ ...common, format: 'csv', source: JSON.stringify({ version: 1, ...report }) })
    expect(text(csv)).toBe(reportToCsv(report))
  })

  it('gives a png of the density, and a pdf with its title and date', async () => {
    const source = svg('<rect width="20" height="10"/>')
    const png = await renderFile({ ...common, density: 3, format: 'png', source })
    expect(new DataView(png.buffer).getUint32(16)).toBe(60)
    const pdf = Buffer.from(await renderFile({ ...common, format: 'pdf', source })).toString('latin1')
    expect(pdf).toMatch(/^%PDF-/)
    expect(pdf).toContain('(A title)')
    expect(pdf).toContain('20250102030405')
    const undated = await renderFile({ ...common, createdAt: 'some day', format: 'pdf', source })
    expect(Buffer.from(undated).toString('latin1')).toContain('(D:19700101000000Z)')
  })

  it('refuses a picture that would fill the memory', async () => {
    const asked = renderFile({ ...common, density: 8, format: 'png', source: svg('', 'width="9000" height="8000"') })
    await expect(asked).rejects.toThrow(
      new UsageError('A picture of 9000 x 8000 pixels is too large for the density 8; choose less.')
    )
  })

  it.each([
    ['<image href="/etc/passwd"/>', 'A figure holds no <image>; it cannot be written.'],
    ['<image href="data:image/png;base64,AAAA"/>', 'A figure holds no <image>; it cannot be written.'],
    ['<script>alert(1)</script>', 'A figure holds no <script>; it cannot be written.'],
    ['<foreignObject></foreignObject>', 'A figure holds no <foreignObject>; it cannot be written.'],
    ['<style>@import url(x)</style>', 'A figure holds no <style>; it cannot be written.'],
    ['<a href="http://x"><rect/></a>', 'A figure holds no <a>; it cannot be written.'],
    ['<use href="other.svg#a"/>', 'A figure has no attribute href="other.svg#a"; it cannot be written.'],
    ['<use xlink:href="file:///a"/>', 'A figure has no attribute xlink:href="file:///a"; it cannot be written.'],
    ['<rect fill="url(http://x/#a)"/>', 'A figure has no attribute fill="url(http://x/#a)"; it cannot be written.'],
    ['<rect style="fill: url( &quot;//x#a&quot; )"/>', 'A figure has no attribute style='],
    ['<rect onload="x()"/>', 'A figure has no attribute onload="x()"; it cannot be written.']
  ])('refuses %s', async (content, sentence) => {
    for (const format of ['svg', 'png', 'pdf'] as const) {
      const asked = renderFile({ ...common, format, source: svg(content) })
      await expect(asked).rejects.toBeInstanceOf(UserError)
      await expect(asked).rejects.toThrow(sentence)
    }
  })

  it('lets a figure refer to its own parts', async () => {
    const source = svg('<clipPath id="a"><rect/></clipPath><g clip-path="url(#a)"><use href="#b"/></g>')
    expect(text(await renderFile({ ...common, format: 'svg', source }))).toContain('clip-path="url(#a)"')
  })

  it.each([
    ['', 'What was sent is no figure: it has no <svg>.'],
    ['just text', 'What was sent is no figure: it has no <svg>.'],
    ['<g><rect/></g>', 'What was sent is no figure: it has no <svg>.'],
    ['<svg><rect/></svg>', 'The picture has no width and height in pixels.']
  ])('refuses %j', async (source, sentence) => {
    await expect(renderFile({ ...common, format: 'svg', source })).rejects.toThrow(new UserError(sentence))
  })

  it('refuses a report that is none', async () => {
    const asked = renderFile({ ...common, format: 'csv', source: '{"kind":"magic","version":1}' })
    await expect(asked).rejects.toThrow(/^The report has the unknown kind "magic"/)
  })
})
