import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runProgram } from './run-side.mjs'

const program = fileURLToPath(new URL('../umap.mjs', import.meta.url))
const umapPackage = new URL('../../../node_modules/umap-js/package.json', import.meta.url)

/** Seconds of both sides in each round, read off what tests/bench/umap.mjs prints. Throws where there are none. */
export function readUmapRounds(output) {
  const rounds = [...output.matchAll(/^round \d+: ours ([\d.]+) s .*umap-js ([\d.]+) s/gm)]
  if (!rounds.length) throw new Error('tests/bench/umap.mjs printed no rounds.')
  return rounds.map(([, ours, theirs]) => ({ ours: Number(ours), theirs: Number(theirs) }))
}

/** The pair of maps, which a program of its own measures: both sides in one process, in turns. */
export async function measureUmap(work, { rounds, isQuick, say }) {
  const { rows, columns } = { ...work.settings, ...(isQuick ? work.quick : {}) }
  const output = await runProgram(process.execPath, [program, ...[rows, columns, rounds].map(String)])
  say(output.trimEnd().replace(/^/gm, '  '))
  const seconds = readUmapRounds(output)
  const software = { node: process.versions.node, 'umap-js': JSON.parse(readFileSync(umapPackage, 'utf8')).version }
  const side = (key) => seconds.map((round) => ({ ms: [round[key] * 1000], software }))
  const results = new Map([
    ['ours', side('ours')],
    ['umap-js', side('theirs')]
  ])
  return { results, missing: [] }
}
