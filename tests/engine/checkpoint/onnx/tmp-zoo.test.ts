import { readdirSync, statSync } from 'node:fs'
import type { Tensor4D } from '@tensorflow/tfjs'
import { test } from 'vitest'
import { openByName } from '../../../../src-main/engine/backend/choose.ts'
import { describeCheckpoint, openNetwork } from '../../../../src-main/engine/checkpoint/checkpoint.ts'
import { readSafetensors } from '../../../../src-main/engine/checkpoint/safetensors/safetensors-file.ts'
import { exitCosts } from '../../../../src-main/engine/model/cost.ts'
import { runNetwork } from '../../../../src-main/engine/evaluation/run-network.ts'
import { disposeState, toState } from '../../../../src-main/engine/model/weights.ts'
import { farthest } from './onnx-files.ts'
const names = readdirSync('/tmp/zoo').filter((n) => n.endsWith('.onnx')).map((n) => n.replace('.onnx', ''))
test.each(names)('%s', async (name) => {
  const path = `/tmp/zoo/${name}.onnx`
  const t0 = Date.now()
  try {
    const facts = await describeCheckpoint(path)
    const t1 = Date.now()
    if (!facts.network) { console.log(name, 'NO', facts.misfit, facts.remarks.join(' ')); return }
    const { network, weights } = await openNetwork(path)
    const t2 = Date.now()
    const { tensors } = await readSafetensors(`/tmp/zoo/${name}.safetensors`)
    const x = tensors.get('x')!
    const backend = await openByName('native')
    const { tf } = backend
    const images = tf.tidy(() => tf.transpose(tf.tensor(x.data as Float32Array, x.shape as [2, 3, 4, 4]), [0, 2, 3, 1])) as Tensor4D
    const pixels = (await images.data()) as Float32Array
    const [, h, w, c] = images.shape
    const state = toState(tf, network, weights)
    const [out] = await runNetwork(backend, network, state, { count: 2, shape: [h, w, c], batch: (a, b) => pixels.slice(a * h * w * c, b * h * w * c) }, { wantsFeatures: true })
    const t3 = Date.now()
    disposeState(state)
    const { full } = exitCosts(network, h)
    console.log(name, 'error', farthest(out!.logits.data, tensors.get('y')!.data as Float32Array).toExponential(1), 'size', network.graph!.input.size, `${(statSync(path).size / 1e6).toFixed(0)}MB describe ${t1 - t0} open ${t2 - t1} run ${t3 - t2} ms`, 'params', full.parameters, 'macs', full.multiplyAdds, 'features', network.exits[0]!.classifier.inFeatures, facts.remarks.join(' '))
  } catch (e) { console.log(name, 'ERR', (e as Error).message.slice(0, 300)) }
})
