// Builds a network by name with fresh weights, counts it, and runs it on 100 images: NAME WIDTH, prints JSON.
import { readFileSync } from 'node:fs'
import { findNetwork } from '../../../src-shared/networks/find-network.ts'
import { openNative } from '../../../src-main/engine/backend/native.ts'
import { runNetwork } from '../../../src-main/engine/evaluation/run-network.ts'
import { buildNetwork } from '../../../src-main/engine/model/build-network.ts'
import { exitCosts } from '../../../src-main/engine/model/cost.ts'
import { initialWeights } from '../../../src-main/engine/model/initialize.ts'
import { toState } from '../../../src-main/engine/model/weights.ts'

const [name = '', widthText = '64'] = process.argv.slice(2)
const width = Number(widthText)
const count = 100
const length = 32 * 32 * 3

const started = performance.now()
const network = buildNetwork({
  member: findNetwork({ name, width }),
  width,
  classes: 100,
  inputChannels: 3,
  exits: 'all'
})
const backend = await openNative()
const state = toState(backend.tf, network, initialWeights(network, 0))
const source = {
  count,
  shape: [32, 32, 3] as [number, number, number],
  batch: (from: number, to: number) => new Float32Array((to - from) * length).map((_, at) => Math.sin(at))
}
const exits = await runNetwork(backend, network, state, source, { wantsFeatures: false })
if (!exits.every(({ logits }) => logits.data.every(Number.isFinite))) throw new Error('An output is no number.')
const seconds = (performance.now() - started) / 1000
const { full } = exitCosts(network)
const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))
console.log(JSON.stringify({ ...full, exits: exits.length, seconds, peakBytes: 1024 * Number(peak?.[1]) }))
