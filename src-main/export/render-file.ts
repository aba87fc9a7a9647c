import { UsageError, UserError } from '../../src-shared/errors.ts'
import { parseReport } from '../../src-shared/report-file.ts'
import type { FigureFormat } from '../../src-shared/shell-contract.ts'
import { cleanSvg } from './clean-svg.ts'
import { readSvgSize } from './svg-size.ts'
import { tokenizeXml } from './xml.ts'

/** Pixels of a png: a gigabyte of memory. */
const mostPixels = 250_000_000

export type PictureOptions = {
  format: 'svg' | 'png' | 'pdf'
  /** Pixels of a png per pixel of the figure. */
  density: number
  /** Written into a pdf. */
  title?: string
  /** ISO 8601; written into a pdf where it is a date. */
  createdAt?: string
}

/**
 * A figure's cleaned markup as a file of that format. Each part is loaded when it is needed: resvg and pdfkit take their
 * time. Throws UsageError for a png that would fill the memory.
 */
export async function renderPicture(svg: string, options: PictureOptions): Promise<string | Uint8Array> {
  const { format, density, title, createdAt } = options
  if (format === 'svg') return svg
  if (format === 'png') {
    const { width, height } = readSvgSize(svg)
    if (width * height * density ** 2 > mostPixels)
      throw new UsageError(
        `A picture of ${width} x ${height} pixels is too large for the density ${density}; choose less.`
      )
    return (await import('./svg-to-png.ts')).svgToPng(svg, { density })
  }
  const date = new Date(createdAt ?? NaN)
  const dated = Number.isNaN(date.getTime()) ? {} : { createdAt: date }
  return (await import('./svg-to-pdf.ts')).svgToPdf(svg, { ...dated, ...(title && { title }) })
}

export type FileRequest = {
  format: FigureFormat
  /** svg, png, pdf: a figure's markup as a page has it; csv: the JSON text of its report. */
  source: string
  title: string
  description: string
  density: number
  createdAt: string
}

/**
 * The bytes of the file that the command line would write of a figure. Throws UserError for a source that is no figure of
 * ours: one that names other files would have them read.
 */
export async function renderFile({
  format,
  source,
  title,
  description,
  ...rest
}: FileRequest): Promise<Uint8Array<ArrayBuffer>> {
  if (format === 'csv') {
    const { reportToCsv } = await import('./report-to-csv.ts')
    return new TextEncoder().encode(reportToCsv(parseReport(source, 'The report')))
  }
  const svg = cleanSvg(source, { title, description })
  requireFigure(svg)
  const content = await renderPicture(svg, { format, title, ...rest })
  return typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content)
}

const drawn = new Set(
  'svg g defs title desc path rect circle ellipse line polyline polygon text tspan clipPath mask use symbol marker pattern linearGradient radialGradient stop'.split(
    ' '
  )
)
const linking = /^(xlink:)?href$/

function requireFigure(svg: string): void {
  let isDrawing = false
  for (const token of tokenizeXml(svg)) {
    if (token.type !== 'open') continue
    isDrawing ||= token.name === 'svg'
    if (!drawn.has(token.name))
      throw new UserError(`A figure holds no <${token.name.slice(0, 40)}>; it cannot be written.`)
    for (const [name, value] of token.attributes) {
      const isForeign = linking.test(name) ? !value.startsWith('#') : /url\(\s*['"]?[^#'"\s]/i.test(value)
      if (isForeign || /^on/i.test(name))
        throw new UserError(
          `A figure has no attribute ${name.slice(0, 40)}="${value.slice(0, 40)}"; it cannot be written.`
        )
    }
  }
  if (!isDrawing) throw new UserError('What was sent is no figure: it has no <svg>.')
  try {
    readSvgSize(svg)
  } catch (error) {
    throw new UserError((error as Error).message)
  }
}
