import Papa from 'papaparse'
import type { OpenFile } from '../checkpoint/open-file.ts'
import type { RawCurve } from './curve.ts'
import type { ReadLog } from './read-events.ts'

const mostBytes = 32 * 2 ** 20
const mostHeadBytes = 64 * 2 ** 10
const mostColumns = 500
const mostValues = 2_000_000
const longestTag = 200

const stepNames = ['step', 'global_step', 'iteration', 'iterations', 'iter', 'batch']
const epochNames = ['epoch', 'epochs']
const timeNames = ['wall_time', 'walltime', 'timestamp']
/** Columns that only number the rows. */
const idleNames = ['', 'index', 'unnamed: 0']

const nothing: ReadLog = { curves: [], remarks: [] }
const refused = (remark: string): ReadLog => ({ curves: [], remarks: [remark] })

/**
 * The columns of a CSV log with a column of steps or epochs, by the names in its first row; a table without one is no log
 * and gives nothing. Cells that are no numbers are passed over. Throws UserError where the file can't be read.
 */
export async function readCsv(file: OpenFile): Promise<ReadLog> {
  if (file.size > mostBytes) return refused('is larger than 32 MiB, and is not read')
  const head = decode(await file.read(0, Math.min(file.size, mostHeadBytes))).trimStart()
  const end = head.search(/[\r\n]/)
  if (end < 0)
    return file.size > mostHeadBytes ? refused('has a first row of more than 64 KiB, and is not read') : nothing
  const delimiter = delimiterOf(head.slice(0, end))
  const names = (Papa.parse<string[]>(head.slice(0, end), { delimiter }).data[0] ?? []).map((name) => name.trim())
  if (names.length > mostColumns) return refused(`has ${names.length} columns, and is not read`)
  const columns = columnsOf(names)
  if (!columns) return nothing
  return readRows(decode(await file.read(0, file.size)).trimStart(), delimiter, columns)
}

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

/** What parts the names of the first row, outside of quotes. */
function delimiterOf(line: string): string {
  const plain = line.replace(/"[^"]*"/g, '')
  const count = (delimiter: string) => plain.split(delimiter).length
  return [',', ';', '\t'].reduce((most, next) => (count(next) > count(most) ? next : most))
}

type Columns = { at: number; unit: RawCurve['unit']; time: number; tags: { tag: string; column: number }[] }

/** Which columns are what; null where none says when a row was logged. */
function columnsOf(names: readonly string[]): Columns | null {
  const plain = names.map((name) => name.toLowerCase().replaceAll(' ', '_'))
  const find = (wanted: readonly string[]) => plain.findIndex((name) => wanted.includes(name))
  const [step, epoch] = [find(stepNames), find(epochNames)]
  if (step < 0 && epoch < 0) return null
  const time = find(timeNames)
  const used = new Map<string, number>()
  const tags = names.flatMap((name, column) => {
    if ([step, epoch, time].includes(column) || idleNames.includes(name.toLowerCase())) return []
    const tag = name.slice(0, longestTag)
    const times = (used.get(tag) ?? 0) + 1
    used.set(tag, times)
    return [{ tag: times > 1 ? `${tag} (${times})` : tag, column }]
  })
  return { at: step < 0 ? epoch : step, unit: step < 0 ? 'epoch' : 'step', time, tags }
}

function readRows(text: string, delimiter: string, { at, unit, time, tags }: Columns): ReadLog {
  const curves = tags.map(({ tag }): RawCurve => ({ tag, unit, steps: [], values: [], wallTimes: [] }))
  let [isHead, count] = [true, 0]
  Papa.parse<string[]>(text, {
    delimiter,
    skipEmptyLines: true,
    step({ data: row }, parser) {
      if (isHead) {
        isHead = false
        return
      }
      const when = numberIn(row[at], delimiter)
      if (when === null || !Number.isFinite(when)) return
      for (const [index, { column }] of tags.entries()) {
        const value = numberIn(row[column], delimiter)
        if (value === null) continue
        curves[index]!.steps.push(when)
        curves[index]!.values.push(value)
        if (time >= 0) curves[index]!.wallTimes.push(numberIn(row[time], delimiter) ?? NaN)
        count += 1
      }
      if (count >= mostValues) parser.abort()
    }
  })
  const remarks = count >= mostValues ? [`holds more than ${mostValues} numbers; the first are read`] : []
  return { curves: curves.filter(({ values }) => values.length > 0), remarks }
}

/** The number in a cell; null where it holds none: nothing, a word, a formula. */
function numberIn(cell: string | undefined, delimiter: string): number | null {
  let text = cell?.trim().toLowerCase() ?? ''
  // Where semicolons part the cells, commas part the decimals.
  if (delimiter === ';') text = text.replace(',', '.')
  if (/^[+-]?(\d{1,400}\.?\d{0,400}|\.\d{1,400})(e[+-]?\d{1,9})?%?$/.test(text)) return Number(text.replace('%', ''))
  if (/^[+-]?nan$/.test(text)) return NaN
  const [, sign, isInfinite] = /^([+-]?)(inf(inity)?)$/.exec(text) ?? []
  return isInfinite ? (sign === '-' ? -Infinity : Infinity) : null
}
