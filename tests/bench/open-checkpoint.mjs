// What opening a checkpoint costs: `npm run bench:opening -- [--rounds N] [--write]`.
//
// Makes files of 100 MB in a temporary folder, a ResNet's tensors in each format, and opens them by turns with the lab's
// engine, with the least that can be done (read the bytes, copy them once) and, where AUTODIDACT_WITNESS_PYTHON names a Python,
// with torch.load(weights_only=True) and safetensors. Times are of warm processes and a file in the system's cache. Memory is
// the peak of a process of its own for each, less that of one that opens nothing. `--write` puts the numbers into
// docs/benchmarks.md; it ends with 1 where a promise is missed.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { bundle } from './harness/bundle.mjs'
import { updateDocument } from './harness/document.mjs'
import { describeMachine } from './harness/machine.mjs'
import { median, pairOf } from './harness/statistics.mjs'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '11' }, write: { type: 'boolean' } } })
const rounds = Number(values.rounds)
const mostTimes = 1.5
const mostMemory = 2.2
const python = process.env.AUTODIDACT_WITNESS_PYTHON
const document = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url))
/** Programs that wanted a processor, ours among them, before each file. */
const loads = []
const say = (sentence) => process.stderr.write(`${sentence}\n`)

/** A process that answers each line with one. */
function startSide(program, args) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async ask(side, path) {
      child.stdin.write(`${JSON.stringify({ side, path })}\n`)
      const { value, done } = await lines.next()
      if (done) throw new Error(`${program} ended before it answered ${side}.`)
      return JSON.parse(value)
    },
    end: () => child.stdin.end()
  }
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'autodidact-opening-'))
  const program = await bundle('opening/side.ts')
  const starts = {
    node: () => startSide(process.execPath, ['--expose-gc', program]),
    python: () => startSide(python, [fileURLToPath(new URL('opening/side.py', import.meta.url))])
  }
  try {
    const files = await makeFiles(join(folder, 'weights'), starts)
    const node = starts.node()
    const peer = python ? starts.python() : null
    const empty = {
      node: await peakOf(starts.node, 'nothing', ''),
      python: peer ? await peakOf(starts.python, 'nothing', '') : 0
    }
    const rows = []
    for (const { label, path, sides } of files)
      rows.push(await measure({ label, path, sides, node, peer, starts, empty }))
    const { versions } = peer ? await peer.ask('versions', '') : {}
    node.end()
    peer?.end()
    report(rows, versions)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function makeFiles(path, starts) {
  const node = starts.node()
  await node.ask('write', path)
  node.end()
  if (python) {
    const peer = starts.python()
    await peer.ask('resave', path)
    peer.end()
  }
  return [
    { label: 'PyTorch zip, as the lab writes it', path: `${path}.pth`, sides: ['torch'] },
    { label: 'PyTorch zip', path: `${path}-torch.pth`, sides: ['torch'] },
    { label: 'PyTorch legacy', path: `${path}-legacy.pth`, sides: ['torch'] },
    { label: 'safetensors', path: `${path}.safetensors`, sides: ['safetensors', 'safetensors, copied'] }
  ].filter(({ path }) => existsSync(path))
}

/** Times of all sides, by turns, and their memory. */
async function measure({ label, path, sides, node, peer, starts, empty }) {
  const all = [
    { name: 'ours', process: node, start: starts.node, empty: empty.node, tries: 3 },
    { name: 'copy', process: node, start: starts.node, empty: empty.node, tries: 3 },
    // One try: a process of PyTorch takes seconds to start.
    ...(peer ? sides.map((name) => ({ name, process: peer, start: starts.python, empty: empty.python, tries: 1 })) : [])
  ]
  const times = new Map(all.map(({ name }) => [name, []]))
  loads.push(loadavg()[0])
  for (let round = -1; round < rounds; round++)
    for (const { name, process } of all) {
      const { ms } = await process.ask(name, path)
      // The first one compiles and fills the system's cache.
      if (round >= 0) times.get(name).push(ms)
    }
  const { size } = statSync(path)
  const memory = new Map()
  for (const { name, start, empty, tries } of all) {
    const peaks = []
    for (let round = 0; round < tries; round++) peaks.push(((await peakOf(start, name, path)) - empty) / size)
    memory.set(name, median(peaks))
  }
  say(`${label}: ${[...times].map(([name, of]) => `${name} ${median(of).toFixed(0)} ms`).join(', ')}`)
  return { label, size, times, memory }
}

async function peakOf(start, side, path) {
  const child = start()
  const { peakBytes } = await child.ask(side, path)
  child.end()
  return peakBytes
}

const names = {
  copy: 'read and copy',
  torch: 'torch.load(weights_only=True)',
  safetensors: 'safetensors.torch.load_file, which maps the file',
  'safetensors, copied': 'the same, and each tensor copied'
}

function report(rows, versions) {
  const ms = (value) => `${value.toFixed(value < 10 ? 1 : 0)} ms`
  const cells = [
    ['file', 'against', 'ours', 'theirs', 'ratio (spread)', 'wanted', 'memory / size: ours, theirs', 'wanted']
  ]
  let isMissed = false
  for (const { label, size, times, memory } of rows)
    for (const [name, theirs] of times) {
      if (name === 'ours') continue
      const pair = pairOf(times.get('ours'), theirs)
      const isBase = name === 'copy'
      const verdict = (value, most) => {
        isMissed ||= isBase && value > most
        return isBase ? `<= ${most}: ${value <= most ? 'yes' : 'no'}` : ''
      }
      cells.push([
        `${label}, ${(size / 1e6).toFixed(0)} MB`,
        names[name],
        ms(pair.ours),
        ms(pair.theirs),
        `${pair.ratio.toFixed(2)} (${pair.low.toFixed(2)} to ${pair.high.toFixed(2)})`,
        verdict(pair.ratio, mostTimes),
        `${memory.get('ours').toFixed(2)}, ${memory.get(name).toFixed(2)}`,
        verdict(memory.get('ours'), mostMemory)
      ])
    }
  const table = drawTable(cells)
  process.stdout.write(`${table}\n`)
  if (values.write) {
    const text = `Opening a checkpoint of 60 large and 300 small tensors, by \`npm run bench:opening -- --write\`: against reading its bytes and copying them once,
and against what people use in Python. Files are in the system's cache. Memory is the peak of a process that opens one file, less
that of one that opens none, in sizes of the file.

${table}

${new Date().toISOString().slice(0, 10)}, ${rounds} rounds; ${describeMachine()}; node ${process.versions.node}${versions ? `, ${versions}` : ''}. Load average ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}.`
    writeFileSync(document, updateDocument(readFileSync(document, 'utf8'), [['opening', text]], []))
  }
  process.exitCode = isMissed ? 1 : 0
}

function drawTable(cells) {
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)))
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [line(cells[0]), rule, ...cells.slice(1).map(line)].join('\n')
}

await main()
