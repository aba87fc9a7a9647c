import { expect, test } from 'vitest'
import { publicTensors } from '../../../../src-main/engine/checkpoint/recognition/public-names.ts'
import { recognize } from '../../../../src-main/engine/checkpoint/recognition/recognize.ts'
import { initialWeights } from '../../../../src-main/engine/model/initialize.ts'
import type { Weights } from '../../../../src-main/engine/model/weights.ts'
import { resnet } from '../../../helpers/networks.ts'
import { fill, predictedNetworks, publicNetworks } from './public-networks.ts'

const shapesIn = (weights: Weights) => [...weights].map(([name, { shape }]) => [name, shape])

test.each(predictedNetworks)(
  '$name is written as its class asks: all tensors, in its order, as they were',
  ({ tensors }) => {
    const { network } = recognize(tensors, null)
    const weights = fill(tensors)
    expect([...publicTensors(network!, weights)]).toEqual([...weights])
  }
)

test('what older files lack is made: counters, and the shortcuts that the class makes and never uses', () => {
  const { tensors } = predictedNetworks.find(({ name }) => name === 'luanyunteng ResNet18')!
  const { network } = recognize(tensors, null)
  const kept = [...fill(tensors)].filter(([name]) => !/^downsample\d_1|num_batches_tracked$/.test(name))
  const written = publicTensors(network!, new Map(kept))
  expect(shapesIn(written)).toEqual([...tensors].map(([name, { shape }]) => [name, shape]))
  expect([...written.get('downsample1_1.1.running_var')!.data]).toEqual(Array<number>(32).fill(1))
  expect([...written.get('bn1.num_batches_tracked')!.data]).toEqual([0])
  expect(publicTensors(network!, new Map(kept))).toEqual(written)
})

test('a network of ours is written as the public class of its depth, width and classes', () => {
  const { tensors } = publicNetworks.find(({ name }) => name === 'luanyunteng resnet18')!
  const network = resnet({ depth: 18, width: 64, classes: 100, inputChannels: 3, exits: 'all' })
  const written = publicTensors(network, initialWeights(network, 1))
  expect(shapesIn(written)).toEqual([...tensors].map(([name, { shape }]) => [name, shape]))
  const { data } = written.get('downsample2_1.0.weight')!
  const deviation = Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0) / data.length)
  expect(deviation / Math.sqrt(2 / 512)).toBeCloseTo(1, 1)
})
