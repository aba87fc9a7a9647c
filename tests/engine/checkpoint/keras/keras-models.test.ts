import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../../src-main/engine/backend/choose.ts'
import { openCheckpoint, openNetwork } from '../../../../src-main/engine/checkpoint/checkpoint.ts'
import { runNetwork } from '../../../../src-main/engine/evaluation/run-network.ts'
import { disposeState, toState } from '../../../../src-main/engine/model/weights.ts'

const folder = join(import.meta.dirname, '../../../fixtures/keras')
type Expected = Record<string, { shape: [number, number, number, number]; outputs: { data: number[] }[] }>
const read = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Expected
const expected = { ...read('expected.json'), ...read('expected-2.json') }

let backend: Backend
beforeAll(async () => {
  backend = await openBackend()
})

/** Largest difference from what Keras gave, over the largest value, of each exit; `order` are Keras's outputs by exit. */
async function deviations(file: string, order: number[]): Promise<number[]> {
  const { network, weights } = await openNetwork(join(folder, file))
  const { shape, outputs } = expected[file.replace(/\..*$/, '')]!
  const [count, ...image] = shape
  const size = image.reduce((a, b) => a * b, 1)
  const pixels = Float32Array.from({ length: count * size }, (_, index) => Math.sin(index * 0.37 + 1))
  const state = toState(backend.tf, network, weights)
  const batch = (from: number, to: number) => pixels.slice(from * size, to * size)
  const exits = await runNetwork(
    backend,
    network,
    state,
    { count, shape: image, batch },
    { wantsFeatures: false, batchSize: 2 }
  )
  disposeState(state)
  expect(exits).toHaveLength(order.length)
  return exits.map(({ logits }, exit) => {
    const { data } = outputs[order[exit]!]!
    const largest = Math.max(...data.map(Math.abs))
    expect(logits.data).toHaveLength(data.length)
    return Math.max(...data.map((value, at) => Math.abs(value - logits.data[at]!))) / largest
  })
}

describe('a network gives what Keras gives', () => {
  test.each([
    // Its outputs are told deepest first.
    ['two_exits.keras', [1, 0]],
    ['two_exits.h5', [1, 0]],
    ['resnet.h5', [0]],
    ['mobilenet.h5', [0]],
    ['sequential.keras', [0]],
    ['every_layer.keras', [0]],
    ['nested.keras', [0]],
    ['nested.h5', [0]],
    ['any_size.keras', [0]],
    ['keras2.h5', [0, 1]],
    ['keras2.keras', [0, 1]]
  ])('%s', async (file, order) => {
    for (const deviation of await deviations(file, order)) expect(deviation).toBeLessThan(1e-4)
  })
})

test('the same model has the same tensors in both formats, named by its layers', async () => {
  const [archive, h5] = await Promise.all(
    ['two_exits.keras', 'two_exits.h5'].map((file) => openNetwork(join(folder, file)))
  )
  expect(archive!.tensors).toEqual(h5!.tensors)
  expect([archive!.format, h5!.format]).toEqual(['keras', 'keras-h5'])
  expect(archive!.weights).toEqual(h5!.weights)
  const { network, remarks, notes } = archive!
  expect(notes.get('model')).toBe('two_exits')
  expect(network.graph!.tensors.map(({ name, shape, role, stage }) => [name, shape, role, stage])).toEqual([
    ['stem/kernel', [6, 3, 3, 3], 'convolution', 1],
    ['stem/bias', [6], 'bias', 1],
    ['stem_norm/gamma', [6], 'normalization', 1],
    ['stem_norm/beta', [6], 'normalization', 1],
    ['stem_norm/moving_mean', [6], 'statistic', 1],
    ['stem_norm/moving_variance', [6], 'statistic', 1],
    ['deep/kernel', [8, 6, 3, 3], 'convolution', 2],
    ['deep/bias', [8], 'bias', 2],
    ['deep_norm/beta', [8], 'normalization', 2],
    ['deep_norm/moving_mean', [8], 'statistic', 2],
    ['deep_norm/moving_variance', [8], 'statistic', 2],
    ['exit_deep/kernel', [4, 8], 'linear', 2],
    ['exit_deep/bias', [4], 'bias', 2],
    ['exit_early/kernel', [4, 54], 'linear', 1],
    ['exit_early/bias', [4], 'bias', 1]
  ])
  expect(remarks).toEqual([
    'The output "exit_deep" is a softmax; the lab uses the values before it.',
    'The output "softmax" is a softmax; the lab uses the values before it.',
    'Exits from shallow to deep, by what they depend on: "softmax", "exit_deep".',
    'Its first layer scales the images itself: give them as in its training, often as pixels of 0 to 255.'
  ])
})

test.each([
  ['only.weights.h5', 'layers/conv2d/vars/0', [6, 3, 3, 3], 'layers/dense/vars/0', [4, 54]],
  ['keras2-weights.h5', 'stage/conv/stage/conv/kernel', [4, 3, 3, 3], 'early/early/kernel', [3, 16]]
])('%s opens as a list of tensors in PyTorch order', async (file, convolution, filters, linear, rows) => {
  const { network, weights, misfit } = await openCheckpoint(join(folder, file))
  expect(network).toBeNull()
  expect(misfit).toMatch(/^is not a network known here/)
  expect(weights.get(convolution)!.shape).toEqual(filters)
  expect(weights.get(linear)!.shape).toEqual(rows)
})
