/** What a cell may hold; a number is right-aligned. */
export type Cell = string | number

const significant = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4, useGrouping: false })
const grouped = new Intl.NumberFormat('en-US')

/** A real number with four significant digits; `-` where it is not finite. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '-'
  const size = Math.abs(value)
  return size !== 0 && (size < 1e-3 || size >= 1e7) ? value.toExponential(2) : significant.format(value)
}

/** A count with thousands parted by commas. */
export const formatCount = (value: number): string => grouped.format(value)

/** A fraction 0..1 as a percentage with two digits. */
export const formatPercent = (fraction: number): string =>
  Number.isFinite(fraction) ? `${(100 * fraction).toFixed(2)} %` : '-'

const numberLike = /^(-|-?[\d,]*\.?\d+(e[+-]?\d+)?( %| points)?)$/

/** Columns under their headings, parted by two spaces, each line ended; a column of numbers goes right. */
export function formatTable(headings: string[], rows: Cell[][]): string {
  const texts = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? formatNumber(cell) : cell)))
  const isRight = headings.map((_, column) => texts.every((row) => numberLike.test(row[column] ?? '-')))
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...texts.map((row) => row[column]?.length ?? 0))
  )
  const line = (cells: string[]) =>
    cells
      .map((cell, column) => (isRight[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd() + '\n'
  return [headings, ...texts].map(line).join('')
}
