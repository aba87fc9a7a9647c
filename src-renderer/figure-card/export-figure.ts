import { UserError } from '../../src-shared/errors.ts'
import { formatReport } from '../../src-shared/report-file.ts'
import type { FigureFormat } from '../../src-shared/shell-contract.ts'
import type { App } from '../app.ts'
import { describeFigure, type FigureStyle, type ThemeName } from '../figures/index.ts'
import { drawFigure, naturalSize, type ShownFigure } from './shown-figure.ts'

/** How a figure is to be written. */
export type ExportChoice = {
  format: FigureFormat
  /** Pixels; whole numbers. */
  width: number
  height: number
  /** Pixels of a PNG per pixel of the figure. */
  density: number
  theme: ThemeName
  style: FigureStyle
  /** Drawn above the figure; null for none. */
  title: string | null
}

/** What may be chosen: the command line's limits. */
export const limits = {
  side: { least: 80, most: 20_000 },
  density: { least: 0.5, most: 8 },
  /** Of a PNG: a gigabyte of memory. */
  pixels: 250_000_000
} as const

/** What is taken unless something else is chosen. */
export function defaultChoice(figure: ShownFigure): ExportChoice {
  const { width, height } = naturalSize(figure)
  return { format: 'svg', width, height: Math.round(height), density: 2, theme: 'light', style: 'screen', title: null }
}

/** One sentence on what cannot be written so; empty where all is well. */
export function findProblem({ format, width, height, density }: ExportChoice): string {
  if (format === 'csv') return ''
  const { side, density: dense, pixels } = limits
  for (const [name, value] of [
    ['width', width],
    ['height', height]
  ] as const)
    if (!Number.isInteger(value) || value < side.least || value > side.most)
      return `A figure can't be ${value} pixels in ${name}; choose a whole number from ${side.least} to ${side.most}.`
  if (format !== 'png') return ''
  if (!(density >= dense.least && density <= dense.most))
    return `A density of ${density} can't be drawn; choose ${dense.least} to ${dense.most}.`
  if (width * height * density ** 2 > pixels)
    return `A picture of ${width} x ${height} pixels is too large for the density ${density}; choose less.`
  return ''
}

type Bytes = Uint8Array<ArrayBuffer>

/** The bytes of the file that the command line would write. Throws UserError. */
export async function renderExport(
  { shell }: Pick<App, 'shell'>,
  figure: ShownFigure,
  choice: ExportChoice
): Promise<Bytes> {
  const problem = findProblem(choice)
  if (problem) throw new UserError(problem)
  const { format, width, height, theme, style, density } = choice
  const title = choice.title ?? undefined
  const { report } = figure
  const source =
    format === 'csv'
      ? formatReport(report)
      : drawFigure(figure, { width, height, theme, style, ...(title !== undefined && { title }) })
  const { createdAt } = report.provenance
  const { bytes } = await shell.renderFile({ format, source, ...describeFigure(report, title), density, createdAt })
  // What came over the wire is a plain buffer of its own.
  return bytes as Bytes
}

/** Saves a figure; gives where it went, null where no place was chosen. Throws UserError. */
export async function saveFigure(
  app: Pick<App, 'shell'>,
  figure: ShownFigure,
  choice: ExportChoice,
  name: string
): Promise<string | null> {
  return app.shell.save(`${name}.${choice.format}`, await renderExport(app, figure, choice))
}

/** A name for a figure's file, without extension: its kind and the options that are not the usual ones. */
export function suggestName({ kind, options }: ShownFigure): string {
  const words = Object.values(options).filter((value) => typeof value === 'string')
  return [kind, ...words].join('-').replace(/[^\w-]+/g, '-')
}

/** One sentence on what is wrong with a file's name; empty where it can be used. */
export function findNameProblem(name: string): string {
  const trimmed = name.trim()
  if (trimmed === '') return 'Give the file a name.'
  if (trimmed.length > 120) return 'Give the file a shorter name, up to 120 characters.'
  // No file system takes all of these.
  const odd = /[\u0000-\u001f<>:"/\\|?*]/.exec(trimmed)
  if (odd) return `A file's name can't hold ${JSON.stringify(odd[0])}; leave it out.`
  return trimmed.startsWith('.') || trimmed.endsWith('.') ? "A file's name can't begin or end with a dot here." : ''
}
