// How long a map takes: `node tests/bench/umap.mjs [rows] [columns] [rounds]`, by default 10000 512 3.
//
// By turns ours (exact neighbours by the backend, the layout on a thread) and umap-js alone, which looks for neighbours
// itself, with 15 neighbours and as many epochs, on seeded Gaussian points in 10 classes. Compiles the sources into a
// folder of out/ of its own. Prints every round, then the medians, their ratio, and how far the maps can be trusted.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'vite'

const { UMAP } = createRequire(import.meta.url)('umap-js')
const [rows = 10000, columns = 512, rounds = 3] = process.argv.slice(2).map(Number)
const neighbors = 15
const classes = 10

const root = fileURLToPath(new URL('../..', import.meta.url))
process.chdir(root)
mkdirSync('out', { recursive: true })
const folder = mkdtempSync(join(root, 'out', '.bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const probes = 'src-main/engine/probes'
await build({
  configFile: 'vite.node.config.ts',
  logLevel: 'warn',
  build: {
    outDir: folder,
    rollupOptions: {
      checks: { pluginTimings: false },
      preserveEntrySignatures: 'strict',
      input: {
        choose: 'src-main/engine/backend/choose.ts',
        neighbors: `${probes}/nearest-neighbors.ts`,
        trust: `${probes}/map-trust.ts`,
        umap: `${probes}/umap/umap.ts`,
        run: `${probes}/umap/run-umap.ts`,
        random: 'src-shared/science/random.ts'
      }
    }
  }
})
const load = (name) => import(pathToFileURL(join(folder, `${name}.js`)).href)
const { openBackend } = await load('choose')
const { findNearestNeighbors } = await load('neighbors')
const { measureTrustworthiness } = await load('trust')
const { epochsFor } = await load('umap')
const { runThread } = await load('run')
const { createRandom, normals } = await load('random')

const centers = normals(classes * columns, 'centers')
const data = normals(rows * columns, 'points')
for (let i = 0; i < rows; i++)
  for (let d = 0; d < columns; d++) data[i * columns + d] += centers[(i % classes) * columns + d]
const features = { data, rows, columns }
const lists = Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * columns, (i + 1) * columns)))
const backend = await openBackend()

async function ours(seed) {
  const start = performance.now()
  const near = await findNearestNeighbors(backend, features, neighbors - 1)
  const found = performance.now()
  const task = { neighbors: near, points: rows, dims: 2, minDist: 0.1, seed }
  const map = await runThread(join(folder, 'umap-worker.js'), task)
  return { map, seconds: (performance.now() - start) / 1000, finding: (found - start) / 1000 }
}

function theirs(seed) {
  const random = createRandom(seed, 'umap').uniform
  const start = performance.now()
  const map = new UMAP({ nNeighbors: neighbors, nEpochs: epochsFor(rows), random }).fit(lists)
  return { map: Float64Array.from(map.flat()), seconds: (performance.now() - start) / 1000 }
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1]
const trustOf = (map) => measureTrustworthiness(backend, features, { data: map, rows, columns: 2 })
const all = []
console.log(`${rows} x ${columns}, ${backend.name} (${backend.device}), Node ${process.versions.node}`)
for (let round = 1; round <= rounds; round++) {
  const one = await ours(round)
  const other = theirs(round)
  const begin = performance.now()
  const trust = { one: await trustOf(one.map), other: await trustOf(other.map) }
  const judging = (performance.now() - begin) / 2000
  all.push({ one, other, trust, judging })
  console.log(
    `round ${round}: ours ${one.seconds.toFixed(1)} s (neighbours ${one.finding.toFixed(1)} s), ` +
      `umap-js ${other.seconds.toFixed(1)} s, ratio ${(one.seconds / other.seconds).toFixed(3)}; trustworthiness ` +
      `${trust.one.toFixed(4)} and ${trust.other.toFixed(4)}, ${judging.toFixed(1)} s each; load ${loadavg()[0].toFixed(1)}`
  )
}
const [one, other] = [median(all.map((each) => each.one.seconds)), median(all.map((each) => each.other.seconds))]
const ratio = median(all.map((each) => each.one.seconds / each.other.seconds))
console.log(`medians: ours ${one.toFixed(1)} s, umap-js ${other.toFixed(1)} s; median ratio ${ratio.toFixed(3)}`)
// Some backends' threads would keep the program alive.
process.exit(0)
