// Every network, every method: `npm run bench:papers -- [families] [methods] [seeds] [large] [--write]`, after a build.
//
// families: a narrow member of each family on 6,000 Fashion-MNIST images, three epochs; it passes with 75 % at the deepest
// exit. methods: the same network by every method, with what each cost. seeds: three seeds of three methods in the
// samples' setting. large: ResNet152 and PyramidNet101-240 at the papers' width, built, counted and run. Without names
// all of them. `--write` puts the tables into docs/papers.md; parts that were not run stay as they are.
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { largeTable } from './papers/large.mjs'
import { familiesTable, methodsTable, seedsTable } from './papers/trainings.mjs'

const file = fileURLToPath(new URL('../../docs/papers.md', import.meta.url))
const parts = { families: familiesTable, methods: methodsTable, seeds: seedsTable, large: largeTable }
const names = process.argv.slice(2).filter((word) => !word.startsWith('--'))
const unknown = names.find((name) => !Object.hasOwn(parts, name))
if (unknown) {
  console.error(`There is no part "${unknown}"; the parts are ${Object.keys(parts).join(', ')}.`)
  process.exit(2)
}
for (const [name, make] of Object.entries(parts)) {
  if (names.length && !names.includes(name)) continue
  const table = await make()
  console.log(`\n${table}`)
  if (process.argv.includes('--write')) put(name, `${table}\n\n${machine()}`)
}

/** Replaces what stands between a part's two marks. */
function put(name, text) {
  const [start, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`]
  const before = readFileSync(file, 'utf8')
  const [from, to] = [before.indexOf(start), before.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${file} has no place for ${name}.`)
  writeFileSync(file, `${before.slice(0, from + start.length)}\n\n${text}\n\n${before.slice(to)}`)
}

function machine() {
  const day = new Date().toISOString().slice(0, 10)
  return `${day}, ${cpus().length} x ${cpus()[0].model}, Node ${process.versions.node}, native backend.`
}
