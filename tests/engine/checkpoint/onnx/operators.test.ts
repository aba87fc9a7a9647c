import type { Tensor4D } from '@tensorflow/tfjs'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../../../src-main/engine/backend/backend.ts'
import { openByName } from '../../../../src-main/engine/backend/choose.ts'
import { opsOf } from '../../../../src-main/engine/backend/ops/ops.ts'
import { onnxFormat } from '../../../../src-main/engine/checkpoint/onnx/onnx-format.ts'
import { withOpenFile } from '../../../../src-main/engine/checkpoint/open-file.ts'
import { toFloats } from '../../../../src-main/engine/checkpoint/safetensors/weights-file.ts'
import { forward } from '../../../../src-main/engine/model/forward.ts'
import { networkOfGraph } from '../../../../src-main/engine/model/graph/network-of-graph.ts'
import { disposeState, toState, type Weights } from '../../../../src-main/engine/model/weights.ts'
import { farthest, readFixture, withBytes } from './onnx-files.ts'

const cases = await readFixture('operators.safetensors')
const names = [...cases.keys()].filter((key) => key.endsWith(' model')).map((key) => key.replace(/ model$/, ''))

const shapes = new Map([
  ['Channels last', [2, 6, 6, 3]],
  ['No channels', [2, 6, 6]],
  ['Reshape of one image', [1, 4, 6, 6]],
  ['LRN', [4, 4, 6, 6]]
])

/** An output that is taken for scores, though it is none: its values are all that is looked at. */
async function run(backend: Backend, bytes: Uint8Array, input: { shape: number[]; data: ArrayLike<number> }) {
  const { tf } = backend
  return withBytes(bytes, (path) =>
    withOpenFile(path, async (file) => {
      expect(await onnxFormat.match(file)).toBe(true)
      const { graph, tensors, remarks } = await onnxFormat.read(file)
      const { network } = networkOfGraph(graph!)
      if (!network) throw new Error(String(remarks))
      const weights: Weights = new Map()
      for (const [name, { shape, load }] of tensors) weights.set(name, { shape, data: toFloats(await load()) })
      const state = toState(tf, network, weights)
      const [n, a = 1, b = 1, c = 1] = input.shape as [number, number, number, number]
      const images = tf.tidy(() => {
        const x = tf.tensor(Float32Array.from(input.data), input.shape)
        if (input.shape.length === 3) return tf.reshape(x, [n, a, b, 1])
        return c === 3 ? x : tf.transpose(tf.reshape(x, [n, a, b, c]), [0, 2, 3, 1])
      }) as Tensor4D
      const outputs = tf.tidy(() =>
        forward(tf, opsOf(backend), network, state, images, { kind: 'evaluate' }).map(({ logits }) => logits)
      )
      const values = await outputs.at(-1)!.data()
      tf.dispose([images, ...outputs])
      disposeState(state)
      return values
    })
  )
}

describe.each(['native', 'cpu', 'wasm'] as const)('on %s onnx gives the same for', (name) => {
  let backend: Backend
  beforeAll(async () => {
    backend = await openByName(name)
  })

  test.each(names)('%s', async (each) => {
    const [model, output] = ['model', 'output'].map((part) => cases.get(`${each} ${part}`)!)
    const shape = shapes.get(each) ?? [2, 4, 6, 6]
    const ours = await run(backend, Uint8Array.from(model!.data), cases.get(`input [${shape.join(', ')}]`)!)
    expect(farthest(ours, output!.data)).toBeLessThan(1e-5)
  })
})
