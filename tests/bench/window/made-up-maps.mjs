import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const count = 10_000

/** Numbers from 0 to 1 that are the same every time. */
function makeRandom(seed) {
  let state = seed
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31
}

/**
 * Stores a made-up result in a lab's home: maps of 10,000 points for each exit of a shipped sample, as if they had been
 * measured. Nothing in it is a finding; it has the size of one.
 */
export function storeMadeUpMaps(root, home) {
  const report = JSON.parse(readFileSync(join(root, 'resources', 'samples', 'noisy-embedding.json'), 'utf8'))
  const entry = report.checkpoints.find(({ name }) => name === 'noisy-self-distillation-0')
  const random = makeRandom(1)
  const spread = () => Array.from({ length: 6 }, random).reduce((sum, value) => sum + value, -3)
  entry.indices = Array.from({ length: count }, (_, index) => index)
  entry.labels = entry.indices.map((index) => index % 10)
  for (const exit of entry.exits) {
    const centres = Array.from({ length: 10 }, () => [20 * random(), 20 * random()])
    exit.points = entry.labels.map((label) => centres[label].map((at) => at + 1.5 * spread()))
    exit.predictions = entry.labels.map((label) => (random() < 0.8 ? label : Math.floor(10 * random())))
  }
  report.checkpoints = [entry]
  report.request.checkpoints = [{ path: entry.path }]
  report.request.data.limit = count
  report.provenance.data.count = count
  report.provenance.createdAt = new Date().toISOString()
  mkdirSync(join(home, 'reports'), { recursive: true })
  writeFileSync(join(home, 'reports', 'embedding-20260101T000000000Z-deadbeef.json'), JSON.stringify(report))
}
