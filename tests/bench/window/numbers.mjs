const sortedOf = (values) => values.toSorted((a, b) => a - b)

/** The middle value; NaN without any. */
export function median(values) {
  const sorted = sortedOf(values)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** The value that a `share` (0..1) of all do not exceed. */
export const quantile = (values, share) => sortedOf(values)[Math.max(0, Math.ceil(share * values.length) - 1)] ?? NaN

/**
 * A row of the table: a quantity, measured in several runs. `target` is a limit, an upper one unless `isLeast`; null
 * where none was promised. `slowness`: how many times longer the machine took meanwhile than it can, for others' sake.
 */
export const row = (name, unit, values, { target = null, isLeast = false, digits = 0, slowness = 1 } = {}) => ({
  name,
  unit,
  values,
  median: median(values),
  target,
  isLeast,
  digits,
  slowness
})

/**
 * `kept`; `missed` where every single run misses the target, whatever else the machine had to do; `noise` where the
 * median misses it, but a run kept it, or would have on a machine of its own. Empty without a target.
 */
export function judge({ values, median, target, isLeast, slowness }) {
  if (target === null) return ''
  const keeps = (value) => (isLeast ? value * slowness >= target : value / slowness <= target)
  if (isLeast ? median >= target : median <= target) return 'kept'
  return values.some(keeps) ? 'noise' : 'missed'
}

const words = { kept: 'kept', missed: 'MISSED', noise: 'missed, within what the machine varies' }

/** The rows as a table of text. */
export function drawTable(rows) {
  const cells = rows.map((each) => {
    const show = (value) => value.toFixed(each.digits)
    const range = each.values.length > 1 ? `${show(Math.min(...each.values))} to ${show(Math.max(...each.values))}` : ''
    const target = each.target === null ? '' : `${each.isLeast ? '>=' : '<='} ${show(each.target)}`
    return [
      each.name,
      show(each.median),
      range,
      String(each.values.length),
      target,
      each.unit,
      words[judge(each)] ?? ''
    ]
  })
  const all = [['', 'median', 'range', 'runs', 'target', '', ''], ...cells]
  const widths = all[0].map((_, column) => Math.max(...all.map((line) => line[column].length)))
  const isText = [0, 5, 6]
  const place = (text, column) => text[isText.includes(column) ? 'padEnd' : 'padStart'](widths[column])
  return all.map((line) => line.map(place).join('  ').trimEnd()).join('\n')
}
