/** Milliseconds as a person reads them. */
export function showMs(ms) {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`
  return ms >= 100 ? `${ms.toFixed(0)} ms` : `${ms.toFixed(1)} ms`
}

const showMb = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`
const showRatio = ({ ratio, low, high }) => `${ratio.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`
const showWanted = (atMost, ratio) => (atMost === null ? '' : `<= ${atMost}: ${ratio <= atMost ? 'yes' : 'no'}`)

const head = [
  'peer',
  'ours',
  'theirs',
  'ratio (spread)',
  'wanted',
  'memory: ours, theirs',
  'ratio',
  'wanted',
  'first run'
]

function cells({ label, time, memory, wantedTime, wantedMemory, firstMs }) {
  return [
    label,
    showMs(time.ours),
    showMs(time.theirs),
    showRatio(time),
    showWanted(wantedTime, time.ratio),
    memory ? `${showMb(memory.ours)}, ${showMb(memory.theirs)}` : '',
    memory ? memory.ratio.toFixed(2) : '',
    memory ? showWanted(wantedMemory, memory.ratio) : '',
    firstMs === null ? '' : showMs(firstMs)
  ]
}

/** Rows as a Markdown table, its columns aligned: read on a terminal and in the document. */
export function tableOf(rows) {
  const lines = [head, ...rows.map(cells)]
  const widths = head.map((_, column) => Math.max(3, ...lines.map((line) => line[column].length)))
  const draw = (line) => `| ${line.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`
  return [draw(lines[0]), draw(widths.map((width) => '-'.repeat(width))), ...lines.slice(1).map(draw)].join('\n')
}
