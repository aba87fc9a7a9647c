import type { Tensor4D } from '@tensorflow/tfjs'
import { expect, test } from 'vitest'
import { openBackend } from '../../../../src-main/engine/backend/choose.ts'
import { opsOf } from '../../../../src-main/engine/backend/ops/ops.ts'
import { recognize } from '../../../../src-main/engine/checkpoint/recognition/recognize.ts'
import { forward } from '../../../../src-main/engine/model/forward.ts'
import { disposeState, toState } from '../../../../src-main/engine/model/weights.ts'
import { fill, noise, predictedNetworks } from './public-networks.ts'

const names = [
  'torchvision vgg, 32 pixels',
  'torchvision squeezenet1_1',
  'torchvision mobilenet_v2',
  'akamaster ResNet20'
]

test.each(names)('%s: the gradient of what it gives is how much it changes', async (name) => {
  const { tensors } = predictedNetworks.find((one) => one.name === name)!
  const { network } = recognize(tensors, null)
  const backend = await openBackend()
  const { tf } = backend
  const size = 40
  const state = toState(tf, network!, fill(tensors))
  const images = tf.tensor4d(noise(3 * size * size, 7, 1), [1, size, size, 3])
  const logits = (x: Tensor4D) => {
    const outputs = forward(tf, opsOf(backend), network!, state, x, { kind: 'evaluate' }, { needsImageGradient: true })
    return tf.sum(outputs[0]!.logits)
  }
  const [expected, found] = tf.tidy(() => {
    const gradient = tf.grad((x) => logits(x as Tensor4D))(images)
    // Along it the change is large enough beside rounding.
    const length = tf.norm(gradient)
    const step = tf.mul(gradient, tf.div(0.02, length)) as Tensor4D
    const change = tf.sub(logits(tf.add(images, step)), logits(tf.sub(images, step)))
    return [change.dataSync()[0]! / 0.04, length.dataSync()[0]!]
  })
  // Between the two, a ReLU or a maximum may have turned.
  expect(found).toBeGreaterThan(0)
  expect(Math.abs(found! / expected! - 1)).toBeLessThan(0.02)
  images.dispose()
  disposeState(state)
})
