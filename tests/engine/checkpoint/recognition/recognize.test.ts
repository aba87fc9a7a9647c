import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../../src-main/engine/backend/choose.ts'
import { recognize } from '../../../../src-main/engine/checkpoint/recognition/recognize.ts'
import type { ImageShape } from '../../../../src-main/engine/data/dataset.ts'
import { runNetwork } from '../../../../src-main/engine/evaluation/run-network.ts'
import { disposeState, toState } from '../../../../src-main/engine/model/weights.ts'
import { largestDeviation } from '../../golden/golden.ts'
import { fill, noise, predictedNetworks, publicNetworks } from './public-networks.ts'

test.each(publicNetworks)('$name is recognised', ({ title, exits, classes, tensors }) => {
  const { network, misfit } = recognize(tensors, null)
  expect(misfit).toBeNull()
  expect(network).toMatchObject({ title, classes, inputChannels: 3 })
  expect(network!.exits).toHaveLength(exits)
})

describe('PyTorch beside', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await openBackend()
  })

  test.each(predictedNetworks)('$name predicts the same', async ({ size, channels, tensors, logits }) => {
    const { network, misfit } = recognize(tensors, null)
    expect(misfit).toBeNull()
    const pixels = toNhwc(noise(2 * channels * size * size, 1000, 1), [2, channels, size, size])
    const source = { count: 2, shape: [size, size, channels] as ImageShape, batch: () => pixels }
    const state = toState(backend.tf, network!, fill(tensors))
    const exits = await runNetwork(backend, network!, state, source, { wantsFeatures: true, batchSize: 2 })
    disposeState(state)
    expect(exits).toHaveLength(logits.length)
    for (const [index, exit] of exits.entries())
      expect(largestDeviation(exit.logits.data, logits[index]!.flat()), `exit ${index + 1}`).toBeLessThan(1e-4)
  })
})

function toNhwc(data: Float32Array, [count, channels, height, width]: number[]): Float32Array {
  const moved = new Float32Array(data.length)
  const plane = height! * width!
  for (let image = 0; image < count!; image++)
    for (let channel = 0; channel < channels!; channel++)
      for (let pixel = 0; pixel < plane; pixel++)
        moved[(image * plane + pixel) * channels! + channel] = data[(image * channels! + channel) * plane + pixel]!
  return moved
}
