import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { Backend } from '../../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../../src-main/engine/backend/choose.ts'
import { openNetwork } from '../../../../src-main/engine/checkpoint/checkpoint.ts'
import { runNetwork } from '../../../../src-main/engine/evaluation/run-network.ts'
import { disposeState, toState } from '../../../../src-main/engine/model/weights.ts'

const folder = join(import.meta.dirname, '../../../fixtures/keras')
type Expected = Record<
  string,
  { shape: [number, number, number, number]; outputs: { shape: number[]; data: number[] }[] }
>
const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Expected
const expected = { ...read('expected.json'), ...read('expected-2.json') }

/** The image that the Python program made. */
const ramp = (length: number): Float32Array => Float32Array.from({ length }, (_, index) => Math.sin(index * 0.37 + 1))

let backend: Backend
beforeAll(async () => {
  backend = await openBackend()
})

const files = [
  'two_exits.keras',
  'two_exits.h5',
  'resnet.keras',
  'mobilenet.h5',
  'sequential.keras',
  'every_layer.keras',
  'nested.keras',
  'nested.h5',
  'any_size.keras',
  'keras2.h5',
  'keras2.keras'
]
test.each(files)('%s gives what Keras gives', async (file) => {
  const checkpoint = await openNetwork(join(folder, file))
  const { shape, outputs } = expected[file.replace(/\..*$/, '')]!
  const [count, ...image] = shape
  const pixels = ramp(shape.reduce((a, b) => a * b, 1))
  const size = pixels.length / count
  const state = toState(backend.tf, checkpoint.network, checkpoint.weights)
  const source = { count, shape: image, batch: (from: number, to: number) => pixels.slice(from * size, to * size) }
  const exits = await runNetwork(backend, checkpoint.network, state, source as never, {
    wantsFeatures: true,
    batchSize: 2
  })
  disposeState(state)
  console.log(file, checkpoint.remarks)
  const wanted = file.startsWith('two_exits') ? outputs.toReversed() : outputs
  expect(exits).toHaveLength(wanted.length)
  exits.forEach(({ logits }, index) => {
    const { data } = wanted[index]!
    const largest = Math.max(...data.map(Math.abs))
    const deviation = Math.max(...data.map((value, at) => Math.abs(value - logits.data[at]!))) / largest
    console.log(file, deviation)
    expect(deviation).toBeLessThan(1e-4)
  })
})
