import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { Option, type Command } from 'commander'
import { z } from 'zod'
import { UsageError } from '../../../src-shared/errors.ts'
import { parseReport } from '../../../src-shared/report-file.ts'
import type { AnyReport, ProbeKind } from '../../../src-shared/reports.ts'
import { renderPicture } from '../../export/render-file.ts'
import { explainFileError } from '../../file-errors.ts'
import { createContext } from '../command-context.ts'
import { addOutputOptions } from '../common-options.ts'
import type { CliIo, CommonOptions } from '../io.ts'
import { numberOption, refuseValue, wordOption } from '../option-values.ts'
import { requireWritable, writeOutput } from '../output-file.ts'

const formats = ['svg', 'png', 'pdf', 'csv'] as const
type Format = (typeof formats)[number]
type Options = CommonOptions & {
  out: string
  width?: number
  height?: number
  theme: 'light' | 'dark'
  style: 'screen' | 'paper'
  title?: string
  density: number
  quantity?: string
  scale?: string
  part?: string
  term?: string
  over?: string
}

const pixels = z.number().int().min(80).max(20_000)
const help = `
The extension of --out decides the format; csv holds the numbers behind the figure.

Examples:
  autodidact figure flatness.json --out flatness.svg
  autodidact figure map.json --out map.png --density 4 --theme dark
  autodidact figure gradients.json --out gradients.pdf --style paper --title 'Gradients'
  autodidact figure history.json --out cost.svg --over multiply-adds`

/** `figure REPORT.json --out F.svg|png|pdf|csv`: draws a report; needs no engine. */
export function addFigureCommand(program: Command, io: CliIo): void {
  const command = program
    .command('figure')
    .description('draw a report as svg, png or pdf, or write its numbers as csv')
    .argument('<report.json>', 'a report that probe wrote')
    .requiredOption('--out <file>', 'a file that ends in .svg, .png, .pdf or .csv')
  const add = (flags: string, description: string, parse: (text: string) => unknown, preset?: unknown) =>
    command.addOption(new Option(flags, description).argParser(parse).default(preset))
  add('--width <pixels>', 'width of the picture (default: what it needs)', numberOption('--width', pixels))
  add('--height <pixels>', 'height of the picture (default: what it needs)', numberOption('--height', pixels))
  add('--theme <name>', 'light, dark', wordOption('--theme', z.enum(['light', 'dark'])), 'light')
  add('--style <name>', 'screen, paper', wordOption('--style', z.enum(['screen', 'paper'])), 'screen')
  command.option('--title <text>', 'drawn above the figure')
  add(
    '--density <n>',
    'pixels of a png per pixel of the figure',
    numberOption('--density', z.number().min(0.5).max(8)),
    2
  )
  command.option('--quantity <name>', 'discriminativeness: ratio, silhouette, knnAccuracy; flatness: accuracy, loss')
  command.option('--scale <name>', 'gradients: raw, relative, timesNorm')
  command.option('--part <name>', 'gradients: backbone, all')
  command.option('--term <name>', 'gradients: total, or one term of the loss at an exit, for instance kl-2')
  command.option('--over <name>', 'history: epoch, step, seconds, multiply-adds')
  addOutputOptions(command)
    .addHelpText('after', help)
    .action(async (path: string, options: Options) => {
      const context = createContext(io, options)
      const format = formatOf(options.out)
      await requireWritable(options.out)
      const content = await draw(await readReport(path), format, options)
      await writeOutput(options.out, content)
      const bytes = Buffer.byteLength(content)
      await context.print({ out: options.out, format, bytes }, () => `${options.out}\n`)
    })
}

function formatOf(path: string): Format {
  const extension = extname(path).slice(1).toLowerCase()
  const format = formats.find((known) => known === extension)
  return format ?? refuseValue('--out', 'a file that ends in .svg, .png, .pdf or .csv', path)
}

async function readReport(path: string): Promise<AnyReport> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw explainFileError(error, path)
  }
  return parseReport(text, path)
}

/** Each part is loaded when it is needed: Svelte takes its time. */
async function draw(report: AnyReport, format: Format, options: Options): Promise<string | Uint8Array> {
  if (format === 'csv') return (await import('../../export/report-to-csv.ts')).reportToCsv(report)
  const { renderFigure } = await import('../render-figure.ts')
  const { width, height, theme, style, title } = options
  const size = { ...(width !== undefined && { width }), ...(height !== undefined && { height }) }
  const props = await figureProps(report.kind, options)
  const svg = renderFigure(report, { ...size, theme, style, props, ...(title !== undefined && { title }) })
  const { createdAt } = report.provenance
  return renderPicture(svg, { format, density: options.density, createdAt, ...(title !== undefined && { title }) })
}

/** The options of this kind of figure; throws UsageError for one that it does not have. */
async function figureProps(kind: ProbeKind, options: Options): Promise<Record<string, string>> {
  const { figures } = await import('../../../src-renderer/figures/index.ts')
  const known = Object.keys(figures[kind].options)
  const props: Record<string, string> = {}
  for (const name of ['quantity', 'scale', 'part', 'term', 'over'] as const) {
    const value = options[name]
    if (value === undefined) continue
    if (!known.includes(name)) throw new UsageError(`The ${kind} figure has no option --${name}.`)
    props[name] = value
  }
  return props
}
