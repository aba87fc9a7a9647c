// Ours against its peers, each pair in one run: `npm run bench -- [names] [--rounds N] [--tries N] [--sides a,b]
// [--quick] [--install] [--write]`; `npm run bench -- endurance` watches a long run of ours. See docs/benchmarks.md.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { bundle } from './harness/bundle.mjs'
import { sectionOf, updateDocument } from './harness/document.mjs'
import { describeMachine } from './harness/machine.mjs'
import { measure } from './harness/measure.mjs'
import { measureUmap } from './harness/measure-umap.mjs'
import { findPython, installPython } from './harness/python.mjs'
import { runProgram } from './harness/run-side.mjs'
import { rowsOf } from './harness/statistics.mjs'
import { tableOf } from './harness/table.mjs'
import { endurance, works } from './harness/works.mjs'

const say = (text) => console.error(text)
const document = fileURLToPath(new URL('../../docs/benchmarks.md', import.meta.url))

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      tries: { type: 'string', default: '3' },
      sides: { type: 'string' },
      quick: { type: 'boolean', default: false },
      install: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false }
    }
  })
  const wholeNumber = (name) => {
    const value = Number(values[name])
    if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number, not ${values[name]}.`)
    return value
  }
  const unknown = positionals.find((name) => name !== 'endurance' && !Object.hasOwn(works, name))
  if (unknown)
    throw new Error(`There is no work named ${unknown}; there are ${Object.keys(works).join(', ')}, endurance.`)
  if (values.write && values.quick) throw new Error('Quick numbers are for trying out: they are not written.')
  const names = positionals.length ? positionals : Object.keys(works)
  return {
    ...values,
    names,
    rounds: wholeNumber('rounds'),
    tries: wholeNumber('tries'),
    chosen: values.sides?.split(',')
  }
}

/** Runs one work and prints its table; gives its section of the document. */
async function runWork(name, options, context) {
  const work = works[name]
  say(`${name}: ${work.title}`)
  const { results, missing } = await (work.hasOwnProgram ? measureUmap : measure)(work, context)
  const table = tableOf(rowsOf(work, results))
  console.log(`\n${name}: ${work.title}\n\n${table}\n`)
  const software = [...results.values()].map(([first]) => first.software)
  const others = [...results.values()].flat().flatMap(({ othersCores }) => othersCores ?? [])
  const date = new Date().toISOString().slice(0, 10)
  return sectionOf({
    title: work.title,
    table,
    machine: describeMachine(),
    date,
    ...options,
    software,
    others,
    missing
  })
}

async function runEndurance(folder, isQuick) {
  const settings = { ...endurance.settings, ...(isQuick ? endurance.quick : {}), folder }
  settings.weights = join(folder, `width-${settings.width}.safetensors`)
  await runProgram(process.execPath, [await bundle('ours/prepare.ts'), JSON.stringify(settings)])
  const { status } = spawnSync(process.execPath, [await bundle(endurance.program), JSON.stringify(settings)], {
    stdio: 'inherit'
  })
  if (status !== 0) process.exitCode = 1
}

async function write(sections) {
  const { format, resolveConfig } = await import('prettier')
  const before = existsSync(document) ? readFileSync(document, 'utf8') : ''
  const text = updateDocument(before, sections, Object.keys(works))
  writeFileSync(document, await format(text, { ...(await resolveConfig(document)), filepath: document }))
  say(`written: ${document}`)
}

async function run() {
  const options = readOptions()
  if (options.install) installPython(say)
  const python = findPython()
  const folder = mkdtempSync(join(tmpdir(), 'autodidact-bench-'))
  const clear = () => rmSync(folder, { recursive: true, force: true })
  // Whoever stops it gets the folder removed, too.
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => {
      clear()
      process.exit(1)
    })
  const context = {
    python,
    folder,
    rounds: options.rounds,
    tries: options.tries,
    isQuick: options.quick,
    chosen: options.chosen,
    say
  }
  try {
    const sections = []
    for (const name of options.names) {
      if (name === 'endurance') await runEndurance(folder, options.quick)
      else sections.push([name, await runWork(name, { rounds: options.rounds }, context)])
      // A later work's failure must not lose an earlier one's numbers.
      if (options.write && sections.length) await write(sections)
    }
  } finally {
    clear()
  }
}

try {
  await run()
} catch (error) {
  say(error.message)
  process.exitCode = 1
}
