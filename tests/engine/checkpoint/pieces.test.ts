import { expect, test } from 'vitest'
import type { Pieces } from '../../../src-main/engine/checkpoint/pieces.ts'
import { encodePytorch, encodePytorchInPieces } from '../../../src-main/engine/checkpoint/pytorch/pytorch-encode.ts'
import {
  encodeSafetensors,
  encodeSafetensorsInPieces
} from '../../../src-main/engine/checkpoint/safetensors/safetensors-file.ts'
import { encodeTfjsInPieces } from '../../../src-main/engine/checkpoint/tfjs/tfjs-encode.ts'
import { initialWeights } from '../../../src-main/engine/model/initialize.ts'
import { resnet } from '../../helpers/networks.ts'

/** What the pieces make, and how many bytes each was of. */
function cut<T>(pieces: Pieces<T>): { made: T; bytes: number[] } {
  const bytes: number[] = []
  for (;;) {
    const { done, value } = pieces.next()
    if (done) return { made: value, bytes }
    bytes.push(value)
  }
}

const mib = 2 ** 20
const data = Float32Array.from({ length: (9 * mib) / 4 }, (_, index) => index % 1000)
const tensors = new Map([
  ['large', { dtype: 'F32', shape: [data.length], data }],
  ['small', { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) }]
])

test('a file is made in pieces of some MiB, and is the same', () => {
  const metadata = new Map([['format', 'pt']])
  const safetensors = cut(encodeSafetensorsInPieces(tensors, metadata))
  expect(safetensors.bytes).toEqual([4 * mib, 4 * mib, mib, 8])
  expect(Buffer.compare(safetensors.made, encodeSafetensors(tensors, metadata))).toBe(0)
  const pytorch = cut(encodePytorchInPieces(tensors))
  expect(Math.max(...pytorch.bytes)).toBe(4 * mib)
  expect(Buffer.compare(pytorch.made, encodePytorch(tensors))).toBe(0)
})

test('a tfjs model has a piece for each of its weights', () => {
  const network = resnet({ depth: 18, width: 2, classes: 3, inputChannels: 1, exits: 'all', head: 'bottleneck' })
  const { made, bytes } = cut(encodeTfjsInPieces(network, initialWeights(network, 1), 32))
  const model = JSON.parse(new TextDecoder().decode(made.get('model.json'))) as {
    weightsManifest: { weights: { shape: number[] }[] }[]
  }
  const [group] = model.weightsManifest
  expect(bytes).toEqual(group!.weights.map(({ shape }) => 4 * shape.reduce((product, length) => product * length, 1)))
})
