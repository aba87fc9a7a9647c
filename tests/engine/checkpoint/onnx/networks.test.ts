import type { Tensor4D } from '@tensorflow/tfjs'
import { describe, expect, test } from 'vitest'
import { openByName } from '../../../../src-main/engine/backend/choose.ts'
import { opsOf } from '../../../../src-main/engine/backend/ops/ops.ts'
import { openNetwork } from '../../../../src-main/engine/checkpoint/checkpoint.ts'
import { runNetwork, type ImageSource } from '../../../../src-main/engine/evaluation/run-network.ts'
import { forward } from '../../../../src-main/engine/model/forward.ts'
import { disposeState, toState } from '../../../../src-main/engine/model/weights.ts'
import { farthest, onnxFixture, readFixture } from './onnx-files.ts'

const golden = await readFixture('golden.safetensors')
const keys = [...golden.keys()]
const names = keys.filter((key) => key.endsWith(' logits 1')).map((key) => key.replace(/ logits 1$/, ''))
/** Those that are not given 16 x 16 pixels. */
const larger = new Set(['bottleneck-13', 'sepconv-11', 'squeezenet-10', 'densenet-17'])

describe.each(['native', 'cpu', 'wasm'] as const)('on %s PyTorch gives the same for', (backendName) => {
  test.each(names)('%s', async (name) => {
    const backend = await openByName(backendName)
    const { tf } = backend
    const before = tf.memory().numTensors
    const { network, weights } = await openNetwork(onnxFixture(`networks/${name}.onnx`))
    const { shape, data } = golden.get(larger.has(name) ? 'images 32' : 'images 16')!
    const [count, channels, size] = shape as [number, number, number]
    const images = tf.tidy(() =>
      tf.transpose(tf.tensor(Float32Array.from(data), [count, channels, size, size]), [0, 2, 3, 1])
    ) as Tensor4D
    const state = toState(tf, network, weights)
    const pixels = (await images.data()) as Float32Array
    const perImage = size * size * channels
    const source: ImageSource = {
      count,
      shape: [size, size, channels],
      batch: (from, to) => pixels.slice(from * perImage, to * perImage)
    }
    const exits = await runNetwork(backend, network, state, source, { wantsFeatures: true })
    const eager = tf.tidy(() =>
      forward(tf, opsOf(backend), network, state, images, { kind: 'evaluate' }).map(({ logits }) => logits)
    )
    expect(exits.length).toBe(keys.filter((key) => key.startsWith(`${name} logits`)).length)
    for (const [index, { exit, logits, features }] of exits.entries()) {
      expect(farthest(logits.data, golden.get(`${name} logits ${exit}`)!.data)).toBeLessThan(1e-4)
      expect(farthest(await eager[index]!.data(), logits.data)).toBeLessThan(1e-5)
      const theirs = golden.get(`${name} features ${exit}`)
      if (theirs) expect(farthest(features!.data, theirs.data)).toBeLessThan(1e-4)
    }
    tf.dispose([images, ...eager])
    disposeState(state)
    expect(tf.memory().numTensors).toBe(before)
  })
})
