import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeSafetensors } from '../../../../src-main/engine/checkpoint/safetensors/safetensors-file.ts'
import { soundTfjs } from '../../../fixtures/hostile/keras.ts'
import { soundModel } from '../../../fixtures/hostile/onnx.ts'

/** Small files of torch, NumPy and Keras that the tests have anyway: every format, and some of what people do with them. */
const fixtures = [
  'checkpoints/zoo.pth',
  'checkpoints/zoo-legacy.pth',
  'checkpoints/zoo-protocol4.pth',
  'checkpoints/trainer.pth',
  'checkpoints/ema.pth',
  'checkpoints/nested.pth',
  'outputs/outputs.npz',
  'outputs/stacked.npz',
  'keras/two_exits.h5',
  'keras/sequential.keras'
]

/** Puts what is changed by chance into `seeds`, and into `scratch` the shards that one of them names. */
export function writeSeeds(root: string, seeds: string, scratch: string): void {
  mkdirSync(seeds)
  for (const fixture of fixtures)
    copyFileSync(join(root, 'tests', 'fixtures', fixture), join(seeds, fixture.replace('/', '-')))
  const tensor = (shape: number[]) => ({
    dtype: 'F32',
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, index) => index)
  })
  const names: [string, number[]][] = [
    ['conv1.weight', [4, 3, 3, 3]],
    ['bn1.weight', [4]],
    ['fc.weight', [10, 4]],
    ['fc.bias', [10]]
  ]
  const tensors = new Map(names.map(([name, shape]) => [name, tensor(shape)]))
  writeFileSync(join(seeds, 'small.safetensors'), encodeSafetensors(tensors, new Map([['format', 'pt']])))
  writeFileSync(join(seeds, 'small.onnx'), soundModel())
  for (const [name, content] of soundTfjs()) writeFileSync(join(name === 'model.json' ? seeds : scratch, name), content)
}
