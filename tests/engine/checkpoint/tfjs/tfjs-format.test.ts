import type { Tensor4D } from '@tensorflow/tfjs'
import { mkdirSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { UserError } from '../../../../src-shared/errors.ts'
import type { Backend } from '../../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../../src-main/engine/backend/choose.ts'
import { opsOf } from '../../../../src-main/engine/backend/ops/ops.ts'
import { describeCheckpoint, openCheckpoint, openNetwork } from '../../../../src-main/engine/checkpoint/checkpoint.ts'
import { createDescriptions } from '../../../../src-main/engine/library/descriptions.ts'
import { forward } from '../../../../src-main/engine/model/forward.ts'
import { toState } from '../../../../src-main/engine/model/weights.ts'
import { temporaryFolder } from '../../training/small-run.ts'

type Weight = { name: string; shape: unknown; dtype: string; quantization?: unknown }
type Group = { paths: unknown; weights: Weight[] }

const kernel: Weight = { name: 'd/kernel', shape: [3, 2], dtype: 'float32' }
const bias: Weight = { name: 'd/bias', shape: [2], dtype: 'float32' }
const layers = [
  { class_name: 'InputLayer', name: 'in', config: { batch_input_shape: [null, 4, 4, 3] }, inbound_nodes: [] },
  { class_name: 'GlobalAveragePooling2D', name: 'p', config: {}, inbound_nodes: [[['in', 0, 0, {}]]] },
  { class_name: 'Dense', name: 'd', config: { units: 2 }, inbound_nodes: [[['p', 0, 0, {}]]] }
]
const topology = {
  class_name: 'Functional',
  config: { name: 'm', layers, input_layers: [['in', 0, 0]], output_layers: [['d', 0, 0]] },
  keras_version: 'tfjs-layers 4.22.0'
}
const values = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)
const bytesOf = (data: ArrayBufferView): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

/** A folder with a model.json and its shards. */
function written(groups: Group[], shards: Record<string, Uint8Array>, more: object = {}): string {
  const folder = temporaryFolder()
  for (const [name, bytes] of Object.entries(shards)) writeFileSync(join(folder, name), bytes)
  const file = { format: 'layers-model', modelTopology: topology, weightsManifest: groups, ...more }
  writeFileSync(join(folder, 'model.json'), JSON.stringify(file))
  return folder
}
const whole = () => written([{ paths: ['a.bin'], weights: [kernel, bias] }], { 'a.bin': bytesOf(values) })

describe('a LayersModel', () => {
  test('opens as its folder and as its file, with its weights in PyTorch order', async () => {
    const folder = whole()
    for (const path of [folder, join(folder, 'model.json')]) {
      const { network, weights, tensors, format } = await openNetwork(path)
      expect(format).toBe('tfjs')
      expect(network).toMatchObject({ classes: 2, inputChannels: 3, exits: [{ exit: 1 }] })
      expect(tensors).toEqual([
        { name: 'd/kernel', dtype: 'F32', shape: [2, 3] },
        { name: 'd/bias', dtype: 'F32', shape: [2] }
      ])
      expect([...weights.get('d/kernel')!.data]).toEqual([1, 3, 5, 2, 4, 6])
    }
  })

  test('weights may lie across several files and groups', async () => {
    const bytes = bytesOf(values)
    const folder = written(
      [
        { paths: ['a.bin', 'b.bin'], weights: [kernel] },
        { paths: ['c.bin'], weights: [bias] }
      ],
      { 'a.bin': bytes.subarray(0, 10), 'b.bin': bytes.subarray(10, 24), 'c.bin': bytes.subarray(24) }
    )
    const { weights } = await openNetwork(folder)
    expect([...weights.get('d/kernel')!.data, ...weights.get('d/bias')!.data]).toEqual([1, 3, 5, 2, 4, 6, 7, 8])
  })

  test.each([
    ['uint8', { dtype: 'uint8', scale: 0.5, min: -1 }, Uint8Array.of(4, 6, 8, 10, 12, 14), 'U8'],
    ['uint16', { dtype: 'uint16', scale: 0.5, min: -1 }, Uint16Array.of(4, 6, 8, 10, 12, 14), 'U16'],
    ['float16', { dtype: 'float16' }, Uint16Array.of(0x3c00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600), 'F16']
  ])('weights packed as %s are unpacked', async (_, quantization, packed, dtype) => {
    const folder = written(
      [
        { paths: ['a.bin'], weights: [{ ...kernel, quantization }] },
        { paths: ['b.bin'], weights: [bias] }
      ],
      { 'a.bin': bytesOf(packed), 'b.bin': bytesOf(values.slice(6)) }
    )
    const { weights, tensors } = await openNetwork(folder)
    expect(tensors[0]!.dtype).toBe(dtype)
    expect([...weights.get('d/kernel')!.data]).toEqual([1, 3, 5, 2, 4, 6])
  })

  test('its hash and its description change with any of its files', async () => {
    const folder = whole()
    const descriptions = createDescriptions(null)
    const before = [(await describeCheckpoint(folder)).hash, (await descriptions.of(folder)).hash]
    expect(before[0]).toBe(before[1])
    expect((await descriptions.of(folder)).hash).toBe(before[0])
    writeFileSync(join(folder, 'a.bin'), bytesOf(values.map((value) => value + 1)))
    const after = [(await describeCheckpoint(folder)).hash, (await descriptions.of(folder)).hash]
    expect(after[0]).not.toBe(before[0])
    expect(after[1]).toBe(after[0])
  })

  test('where one of them is gone, even a model that is known says so in a sentence', async () => {
    const folder = whole()
    const descriptions = createDescriptions(null)
    expect((await descriptions.of(folder)).parts).toEqual([join(realpathSync(folder), 'a.bin')])
    rmSync(join(folder, 'a.bin'))
    const sentence = `${join(folder, 'model.json')}: its file of weights "a.bin" is missing; put it back beside the model.`
    await expect(descriptions.of(folder)).rejects.toThrow(new UserError(sentence))
    writeFileSync(join(folder, 'a.bin'), bytesOf(values))
    expect((await descriptions.of(folder)).misfit).toBeNull()
  })
})

describe('what is no LayersModel, or leads elsewhere, is refused in one sentence', () => {
  const refused = (folder: string, sentence: string) =>
    expect(openCheckpoint(join(folder, 'model.json'))).rejects.toThrow(
      new UserError(sentence.replace('FILE', join(folder, 'model.json')))
    )

  test.each(['../a.bin', '/etc/passwd', 'x/../../a.bin', 'https://x.org/a.bin', 'C:\\a.bin', '', './a.bin', 'a\0.bin'])(
    'the file %j',
    async (name) => {
      const folder = written([{ paths: [name], weights: [kernel, bias] }], {})
      await refused(folder, `FILE: it names the file ${JSON.stringify(name)}, which does not lie in its folder.`)
    }
  )

  test('links out of the folder, folders, and files that are missing', async () => {
    const outside = join(temporaryFolder(), 'secret.bin')
    writeFileSync(outside, bytesOf(values))
    const folder = written([{ paths: ['a.bin'], weights: [kernel, bias] }], {})
    await refused(folder, 'FILE: its file of weights "a.bin" is missing; put it back beside the model.')
    symlinkSync(outside, join(folder, 'a.bin'))
    await refused(folder, 'FILE: its file of weights "a.bin" is a link out of its folder.')
    rmSync(join(folder, 'a.bin'))
    mkdirSync(join(folder, 'a.bin'))
    await refused(folder, 'FILE: its file of weights "a.bin" is not a regular file.')
  })

  test('a folder whose model.json is a link out of it; one within it is followed', async () => {
    const [folder, elsewhere] = [whole(), whole()]
    const path = join(folder, 'model.json')
    renameSync(path, join(folder, 'own.json'))
    symlinkSync(join(elsewhere, 'model.json'), path)
    for (const work of [openCheckpoint, describeCheckpoint, createDescriptions(null).of])
      await expect(work(folder)).rejects.toThrow(
        new UserError(`${path} is a link out of its folder; open the file that it leads to.`)
      )
    rmSync(path)
    symlinkSync('own.json', path)
    expect((await openNetwork(folder)).network.classes).toBe(2)
  })

  test('files that are too short, too long, or described as huge', async () => {
    const group: Group = { paths: ['a.bin'], weights: [kernel, bias] }
    await refused(
      written([group], { 'a.bin': new Uint8Array(31) }),
      'FILE: its weights need 32 bytes, but "a.bin" of its folder hold 31.'
    )
    const huge = { ...kernel, shape: [2 ** 40, 2 ** 20] }
    await refused(written([{ ...group, weights: [huge] }], {}), 'FILE: its weight "d/kernel" is larger than any file.')
    const large = { ...kernel, shape: [2 ** 40] }
    await refused(
      written([{ ...group, weights: [large] }], { 'a.bin': new Uint8Array(32) }),
      'FILE: its weights need 4398046511104 bytes, but "a.bin" of its folder hold 32.'
    )
  })

  test.each<[string, Weight[], string]>([
    ['the same weight twice', [bias, bias], 'it names the weight "d/bias" twice'],
    ['weights of no layer', [{ ...bias, name: 'x/bias' }], 'its weight "x/bias" belongs to no layer of its model'],
    [
      'a weight called __proto__',
      [{ ...bias, name: '__proto__' }],
      'its weight "__proto__" belongs to no layer of its model'
    ],
    ['texts', [{ ...bias, dtype: 'string' }], 'its weight "d/bias" is of the type "string", which is not read'],
    ['lengths below 0', [{ ...bias, shape: [-2] }], 'its weight "d/bias" has no shape'],
    [
      'an unknown packing',
      [{ ...bias, quantization: { dtype: 'int4', scale: 1, min: 0 } }],
      'its weight "d/bias" is packed in a way that is not known here'
    ],
    ['too few', [bias], 'layer "d" of the class "Dense" needs the weights kernel, bias, but the file has 1 for it']
  ])('%s', async (_, weights, sentence) => {
    const folder = written([{ paths: ['a.bin'], weights }], { 'a.bin': new Uint8Array(8) })
    await refused(folder, `FILE: ${sentence}.`)
  })

  test('a GraphModel, weights alone, and other JSON', async () => {
    await refused(
      written([], {}, { format: 'graph-model', modelTopology: { node: [] } }),
      'FILE is a tfjs GraphModel, which is made for running alone; convert the model it was made of with --output_format=tfjs_layers_model, or open that one.'
    )
    await refused(
      written([], {}, { modelTopology: null }),
      'FILE: it has no modelTopology, so it does not say what the weights are for.'
    )
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'model.json'), '{"a": 1}')
    await expect(openCheckpoint(folder)).rejects.toThrow(/ is text, not a checkpoint/)
  })

  test('a text with any characters changed opens or is refused in one sentence', async () => {
    const folder = whole()
    const path = join(folder, 'model.json')
    const text = JSON.stringify({
      format: 'layers-model',
      modelTopology: topology,
      weightsManifest: [{ paths: ['a.bin'], weights: [kernel, bias] }]
    })
    const change = fc.record({ at: fc.nat(text.length - 1), to: fc.constantFrom(...'{}[]",:019-.\\eEnull ') })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const characters = [...text]
        for (const { at, to } of changes) characters[at] = to
        writeFileSync(path, characters.join(''))
        const sentence = await openCheckpoint(path).then(
          () => `${path}.`,
          (error: unknown) => (error instanceof UserError ? error.message : String(error))
        )
        expect(sentence).toMatch(/^\/[^\n]*\.$/)
        expect(sentence.startsWith(path)).toBe(true)
      }),
      { numRuns: 300, seed: 4 }
    )
  })
})

describe('what tfjs itself writes', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await openBackend()
  })

  test('a model of its layers gives the same here', async () => {
    const { tf } = backend
    const { layers: l } = tf
    const input = tf.input({ shape: [9, 9, 3] })
    const noise = l.gaussianNoise({ stddev: 1 }).apply(input)
    const first = l.separableConv2d({
      filters: 4,
      kernelSize: 3,
      strides: 2,
      padding: 'same',
      activation: 'hardSigmoid'
    })
    let x = l.batchNormalization({ scale: false }).apply(first.apply(noise))
    x = l.leakyReLU({ alpha: 0.1 }).apply(x)
    x = l.concatenate().apply([x, l.upSampling2d({ size: [1, 1] }).apply(x)] as never)
    const early = l.dense({ units: 3, activation: 'softmax', name: 'early' }).apply(l.flatten().apply(x))
    x = l.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, activation: 'elu' }).apply(x)
    x = l.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'softsign' }).apply(x)
    const late = l.dense({ units: 3, name: 'late' }).apply(l.globalAveragePooling2d({}).apply(x))
    const model = tf.model({ inputs: input, outputs: [late, early] as never })
    const folder = temporaryFolder()
    await model.save({
      save: (artifacts) => {
        const { modelTopology, weightSpecs, weightData } = artifacts
        const file = {
          format: 'layers-model',
          modelTopology,
          weightsManifest: [{ paths: ['w.bin'], weights: weightSpecs }]
        }
        writeFileSync(join(folder, 'model.json'), JSON.stringify(file))
        writeFileSync(join(folder, 'w.bin'), new Uint8Array(weightData as ArrayBuffer))
        return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' as const } })
      }
    })
    const images = tf.randomUniform([2, 9, 9, 3], -1, 1, 'float32', 3) as Tensor4D
    const expected = (model.predict(images) as Tensor4D[]).toReversed()
    const { network, weights } = await openNetwork(folder)
    const exits = forward(tf, opsOf(backend), network, toState(tf, network, weights), images, { kind: 'evaluate' })
    expect(exits).toHaveLength(2)
    exits.forEach(({ logits }, index) => {
      const given = index === 0 ? tf.softmax(logits) : logits
      const difference = tf.max(tf.abs(tf.sub(given, expected[index]!))).dataSync()[0]!
      expect(difference / tf.max(tf.abs(expected[index]!)).dataSync()[0]!).toBeLessThan(1e-4)
    })
  })
})
