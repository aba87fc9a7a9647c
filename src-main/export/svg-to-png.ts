import { Resvg } from '@resvg/resvg-js'
import { figureFonts } from './fonts.ts'
import { readSvgSize } from './svg-size.ts'

export type PngOptions = {
  /** Pixels of the picture per pixel of the figure: 2 is right for most screens, 4 for print. */
  density?: number
}

/** PNG of a figure, `density` times as wide and high; only our own fonts are used, so that it is the same everywhere. */
export function svgToPng(svg: string, { density = 2 }: PngOptions = {}): Buffer {
  const { width } = readSvgSize(svg)
  const renderer = new Resvg(svg, {
    fitTo: { mode: 'width', value: Math.max(1, Math.round(width * density)) },
    font: {
      loadSystemFonts: false,
      fontFiles: [figureFonts.regular, figureFonts.semiBold],
      defaultFontFamily: 'IBM Plex Sans',
      sansSerifFamily: 'IBM Plex Sans'
    }
  })
  return renderer.render().asPng()
}
