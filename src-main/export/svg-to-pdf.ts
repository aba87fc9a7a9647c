import PDFDocument from 'pdfkit'
import drawSvg from 'svg-to-pdfkit'
import { figureFonts } from './fonts.ts'
import { readSvgSize } from './svg-size.ts'

export type PdfOptions = {
  title?: string
  /** Written into the file; the same date gives the same bytes. */
  createdAt?: Date
}

const pointsPerPixel = 72 / 96

/** PDF of a figure on a page of its size: vectors, and text in embedded fonts. */
export async function svgToPdf(svg: string, options: PdfOptions = {}): Promise<Buffer> {
  const { width, height } = readSvgSize(svg)
  const date = options.createdAt ?? new Date(0)
  const document = new PDFDocument({
    size: [width * pointsPerPixel, height * pointsPerPixel],
    margin: 0,
    font: figureFonts.regular,
    info: { Creator: 'Autodidact', Title: options.title ?? 'Figure', CreationDate: date, ModDate: date }
  })
  const chunks: Buffer[] = []
  const done = new Promise<Buffer>((resolve, reject) => {
    document.on('data', (chunk: Buffer) => chunks.push(chunk))
    document.on('end', () => resolve(Buffer.concat(chunks)))
    document.on('error', reject)
  })
  drawSvg(document, svg, 0, 0, {
    fontCallback: (_family: string, bold: boolean) => (bold ? figureFonts.semiBold : figureFonts.regular),
    warningCallback: () => {}
  })
  document.end()
  return done
}
