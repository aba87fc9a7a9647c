import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/choose.ts'
import { openNetwork, type NetworkCheckpoint } from '../../../src-main/engine/checkpoint/checkpoint.ts'
import { readSafetensors } from '../../../src-main/engine/checkpoint/safetensors/safetensors-file.ts'
import { runNetwork } from '../../../src-main/engine/evaluation/run-network.ts'
import { disposeState, toState } from '../../../src-main/engine/model/weights.ts'
import { temporaryFolder } from '../training/small-run.ts'
import { largestDeviation, readGolden } from './golden.ts'

let backend: Backend
beforeAll(async () => {
  backend = await openBackend()
})

/** What every exit gives for images [count, 32, 32, 3]. */
async function predict({ network, weights }: NetworkCheckpoint, pixels: Float32Array) {
  const size = 32 * 32 * 3
  const state = toState(backend.tf, network, weights)
  const source = {
    count: pixels.length / size,
    shape: [32, 32, 3] as [number, number, number],
    batch: (from: number, to: number) => pixels.slice(from * size, to * size)
  }
  const exits = await runNetwork(backend, network, state, source, { wantsFeatures: true, batchSize: 20 })
  disposeState(state)
  return exits.map(({ logits, features }) => ({ logits: logits.data, features: features!.data }))
}

/** The checkpoint as PyTorch saved it, byte for byte, from its frame and the tensors that are kept as safetensors. */
async function checkpointOf(name: string): Promise<string> {
  const folder = fileURLToPath(new URL(`../../fixtures/golden/${name}/`, import.meta.url))
  const bytes = gunzipSync(readFileSync(`${folder}checkpoint.frame.gz`))
  const { sha256, places } = JSON.parse(readFileSync(`${folder}checkpoint.json`, 'utf8')) as {
    sha256: string
    places: Record<string, number>
  }
  const { tensors } = await readSafetensors(readGolden(name).weights)
  for (const [tensor, at] of Object.entries(places)) {
    const { data } = tensors.get(tensor)!
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
  }
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256)
  const path = join(temporaryFolder(), 'checkpoint.pth')
  writeFileSync(path, bytes)
  return path
}

describe.each(['bottleneck-resnet18-w8', 'bottleneck-resnet50-w4-dataparallel', 'sepconv-resnet18-w8'])(
  'checkpoint.pth of %s',
  (name) => {
    const { golden, weights, pixels } = readGolden(name)

    test('holds the same network and weights as its safetensors file, and predicts as PyTorch does', async () => {
      const path = await checkpointOf(name)
      const checkpoint = await openNetwork(path)
      const same = await openNetwork(weights)
      expect(checkpoint.format).toBe('pytorch-zip')
      expect(checkpoint.network).toEqual(same.network)
      expect(new Set(checkpoint.weights.keys())).toEqual(new Set(same.weights.keys()))
      for (const [tensor, { shape, data }] of checkpoint.weights) {
        const expected = same.weights.get(tensor)!
        expect([tensor, shape]).toEqual([tensor, expected.shape])
        expect(Buffer.from(data.buffer).equals(Buffer.from(expected.data.buffer))).toBe(true)
      }
      if (name.endsWith('dataparallel'))
        expect([...checkpoint.notes]).toEqual([
          ['epoch', '9'],
          ['arch', 'multi_resnet50_kd'],
          ['best_prec1', '12.5']
        ])
      const exits = await predict(checkpoint, pixels)
      expect(exits).toHaveLength(4)
      exits.forEach(({ logits, features }, index) => {
        expect(largestDeviation(logits, golden.eval.logits[index]!.flat())).toBeLessThan(1e-4)
        expect(largestDeviation(features, golden.eval.features[index]!.flat())).toBeLessThan(1e-4)
      })
    })
  }
)

// Written by tests/fixtures/witness/checkpoints.py.
const small = [
  {
    name: 'bottleneck.pth.tar',
    format: 'pytorch-legacy',
    network: { depth: 18, width: 2, classes: 7, heads: 'bottleneck' },
    notes: { epoch: '9', arch: 'multi_resnet18_kd', best_prec1: '12.5' }
  },
  {
    name: 'sepconv-half.pth',
    format: 'pytorch-zip',
    network: { depth: 18, width: 2, classes: 5, heads: 'sepconv' },
    notes: { acc: '61.25', epoch: '4' }
  }
]
test.each(small)('$name, a $format, predicts as PyTorch does', async ({ name, format, network, notes }) => {
  const folder = fileURLToPath(new URL('../../fixtures/checkpoints/', import.meta.url))
  const checkpoint = await openNetwork(join(folder, name))
  expect(checkpoint.format).toBe(format)
  expect(checkpoint.network).toMatchObject(network)
  expect(Object.fromEntries(checkpoint.notes)).toEqual(notes)
  const pixels = Float32Array.from({ length: 2 * 32 * 32 * 3 }, (_, i) => Math.sin(0.37 * i + 0.1 * (i % 7)))
  const expected = (JSON.parse(readFileSync(join(folder, 'networks.json'), 'utf8')) as Record<string, number[][]>)[
    name
  ]!
  const exits = await predict(checkpoint, pixels)
  expect(exits).toHaveLength(expected.length)
  exits.forEach(({ logits }, index) => expect(largestDeviation(logits, expected[index]!)).toBeLessThan(1e-4))
})
