import { readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { basename, join } from 'node:path'
import { makeZip } from '../../../fixtures/hostile/make-zip.ts'
import { withOpenFile } from '../../../../src-main/engine/checkpoint/open-file.ts'
import type { Random } from '../../../../src-shared/science/random.ts'
import { isZip, readZipDirectory } from '../../../../src-main/engine/checkpoint/zip/zip-directory.ts'
import { chanceOf, choose, mutate } from './mutate.ts'
import { openOne } from './open-files.ts'

/** A real file: as it is, and where it is an archive its entries, so that what is in them can be changed, too. */
type Seed = { name: string; bytes: Uint8Array; entries: { name: string; data: Uint8Array }[] | null }

/** Each HDF5 file takes a thread of its own, so of those there are fewer. */
const heavyShare = 0.002
const isHeavy = ({ name }: Seed): boolean => /\.(h5|keras)$/.test(name)

async function readSeed(path: string): Promise<Seed> {
  const bytes = new Uint8Array(readFileSync(path))
  const entries = await withOpenFile(path, async (file) => {
    if (!isZip(file)) return null
    const directory = await readZipDirectory(file)
    return Promise.all(
      [...directory.values()].map(async ({ name, position, size }) => ({ name, data: await file.read(position, size) }))
    )
  }).catch(() => null)
  return { name: basename(path), bytes, entries }
}

/** A case: a seed changed by chance, as a whole or in one of an archive's entries. */
function makeCase(seeds: readonly Seed[], chance: Random): { name: string; how: string; bytes: Uint8Array } {
  const light = seeds.filter((seed) => !isHeavy(seed))
  const heavy = seeds.filter(isHeavy)
  const seed = choose(heavy.length > 0 && chance.uniform() < heavyShare ? heavy : light, chance)
  const other = choose(seeds, chance)
  if (!seed.entries || chance.uniform() < 0.4) {
    const { bytes, how } = mutate(seed.bytes, chance, other.bytes)
    return { name: seed.name, how, bytes }
  }
  const changed = choose(seed.entries, chance)
  const { bytes, how } = mutate(changed.data, chance, choose(other.entries ?? seed.entries, chance).data)
  const parts = seed.entries.map((entry) => (entry === changed ? { ...entry, data: bytes } : entry))
  return { name: seed.name, how: `${how} in ${changed.name}`, bytes: makeZip(parts) }
}

/** What cases came to; a finding is one that was neither opened nor refused in one sentence, or took too long. */
export type Fuzzed = { cases: number; opened: number; refused: number; slowestMs: number; findings: string[] }

async function fuzz(seedFolder: string, scratch: string, count: number, seed: number): Promise<Fuzzed> {
  const seeds = await Promise.all(
    readdirSync(seedFolder)
      .sort()
      .map((name) => readSeed(join(seedFolder, name)))
  )
  const result: Fuzzed = { cases: 0, opened: 0, refused: 0, slowestMs: 0, findings: [] }
  const path = join(scratch, 'model.json')
  for (let index = 0; index < count; index++) {
    const { name, how, bytes } = makeCase(seeds, chanceOf(seed, index))
    // So that the last case is known, should the process end here.
    if (index % 100 === 0) writeSync(1, `${JSON.stringify({ begins: `case ${index}` })}\n`)
    writeFileSync(path, bytes)
    const { end, message, cpuMs } = await openOne(path)
    result.cases++
    result.slowestMs = Math.max(result.slowestMs, cpuMs)
    if (end === 'opened') result.opened++
    if (end === 'refused') result.refused++
    const isSentence = end === 'opened' || (/^[^\p{Cc}]{10,700}\.$/u.test(message) && !/permission/i.test(message))
    if (end === 'broken' || !isSentence || cpuMs > 2000)
      result.findings.push(`case ${index}, ${name}, ${how}, ${Math.round(cpuMs)} ms: ${message.slice(0, 500)}`)
  }
  return result
}

const [, , seedFolder, scratch, count, seed] = process.argv
if (seedFolder && scratch) {
  const result = await fuzz(seedFolder, scratch, Number(count), Number(seed))
  const peakBytes = process.resourceUsage().maxRSS * 1024
  writeSync(1, `${JSON.stringify({ ...result, peakBytes })}\n`)
}
