/** A cell: a number that is not finite is written as an empty cell. */
export type CsvCell = string | number
export type CsvRow = readonly CsvCell[]

// A spreadsheet would run these as a formula.
const formula = /^[=+\-@\t\r]/

function formatCell(cell: CsvCell): string {
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : ''
  const text = formula.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(text) || text !== cell ? `"${text.replaceAll('"', '""')}"` : text
}

/** CSV text (RFC 4180), a header first; texts that a spreadsheet would take for a formula get an apostrophe in front. */
export function formatCsv(header: readonly string[], rows: Iterable<CsvRow>): string {
  const lines = [header.map(formatCell).join(',')]
  for (const row of rows) lines.push(row.map(formatCell).join(','))
  return lines.join('\r\n') + '\r\n'
}
