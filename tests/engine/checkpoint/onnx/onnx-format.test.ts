import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UserError } from '../../../../src-shared/errors.ts'
import { describeCheckpoint, openCheckpoint, openNetwork } from '../../../../src-main/engine/checkpoint/checkpoint.ts'
import { exitCosts } from '../../../../src-main/engine/model/cost.ts'
import { tensorSpecs } from '../../../../src-main/engine/model/tensor-specs.ts'
import { joined } from '../../../fixtures/hostile/hostile-file.ts'
import { field } from '../../../fixtures/hostile/protobuf.ts'
import { integers, linear, linearWeight, model, node, raw, tensor, value } from './build-model.ts'
import { onnxFixture, withBytes } from './onnx-files.ts'

const network = (name: string) => openNetwork(onnxFixture(`networks/${name}.onnx`))
const plain = { nodes: linear(), tensors: [linearWeight] }

/** The sentence that a file is refused with, without its path. */
const refusal = (bytes: Uint8Array): Promise<string> =>
  withBytes(bytes, async (path) => {
    const error: unknown = await openNetwork(path).then(
      () => null,
      (thrown: unknown) => thrown
    )
    if (!(error instanceof UserError)) throw error ?? new Error('it was opened')
    expect(error.message).toContain(path)
    expect(error.message).toMatch(/^[^\n]*[^.]\.$/)
    return error.message.replaceAll(path, 'FILE')
  })

describe('a network of PyTorch', () => {
  test('keeps the names of its tensors, each at its stage and in its role', async () => {
    const { network: found, remarks } = await network('plain-9')
    const described = tensorSpecs(found).map(({ name, role, stage, part }) => `${name} ${role} ${stage} ${part}`)
    expect(described).toContain('layer1.conv1.weight convolution 1 backbone')
    expect(described).toContain('layer1.bn1.running_mean statistic 1 backbone')
    expect(described).toContain('layer2.downsample.1.bias normalization 2 backbone')
    expect(described).toContain('fc1.weight linear 1 head')
    expect(described).toContain('fc2.bias bias 2 head')
    expect(described).toHaveLength(39)
    expect(remarks).toEqual([
      expect.stringMatching(/^Exits from shallow to deep, by what they depend on: ".*", ".*"\.$/)
    ])
    expect(found).toMatchObject({ title: 'Graph of 8 layers', classes: 5, inputChannels: 3, family: 'graph' })
  })

  test('costs what it costs in layers', async () => {
    const { exits } = exitCosts((await network('plain-9')).network)
    // 3x3 from 3 to 4 channels at 16 x 16, then a block: 4 to 4 twice and its shortcut; the classifier.
    expect(exits[0]!.multiplyAdds).toBe(256 * (9 * 12 + 2 * 9 * 16 + 16) + 20)
    expect(exits[0]!.parameters).toBe(9 * 12 + 2 * 9 * 16 + 16 + 2 * 4 * 4 + 25)
  })

  test('with outputs that are softmaxes has the logits behind them', async () => {
    const { remarks } = await network('softmax-13')
    expect(remarks[0]).toMatch(/^The output "\d+" is a softmax; the lab uses the values before it\.$/)
  })

  test('with features among its outputs leaves them aside', async () => {
    const { network: found, remarks } = await network('bottleneck-13')
    expect(found.exits.map(({ classifier }) => [classifier.inFeatures, classifier.outFeatures])).toEqual(
      Array(4).fill([16, 5])
    )
    expect(remarks[0]).toMatch(/^Left aside, for they are no exits: /)
  })

  test('without BatchNorm says that it may be folded', async () => {
    expect((await network('folded-17')).remarks.at(-1)).toBe(
      'It has 7 convolutions with biases and no BatchNorm: where the network had some, it was folded into them when the file was written.'
    )
  })

  test('that classifies by a convolution has the means of what that takes as features', async () => {
    const { network: found, remarks } = await network('squeezenet-10')
    expect(found.exits[0]!.classifier.inFeatures).toBe(6)
    expect(remarks[0]).toMatch(/^A convolution makes the output .*: its features are the means, over all pixels/)
  })

  test('takes the size that it was written for, or any', async () => {
    const sizes = await Promise.all(
      ['plain-9', 'folded-17', 'shufflenet-13', 'convnext-17'].map(
        async (name) => (await network(name)).network.graph!.input.size
      )
    )
    expect(sizes).toEqual([16, null, null, null])
  })

  test('is described without its weights, the external ones neither', async () => {
    const { tensors, format, notes } = await describeCheckpoint(onnxFixture('networks/dynamo-18.onnx'))
    expect(format).toBe('onnx')
    expect(notes.get('producer')).toMatch(/^pytorch/)
    expect(tensors).toContainEqual({ name: 'fc1.weight', dtype: 'F32', shape: [5, 4] })
  })
})

describe('exits', () => {
  const two = (more: Uint8Array[], outputs: Uint8Array[]) =>
    model({
      nodes: [...linear('x', 'a'), ...linear('x', 'b'), ...more],
      tensors: [linearWeight],
      outputs
    })
  const remarksOf = (bytes: Uint8Array) => withBytes(bytes, async (path) => (await openNetwork(path)).remarks)

  test('do not include their own mean, nor anything twice', async () => {
    const nodes = [node('Mean', ['a', 'b'], ['mean']), node('Softmax', ['a'], ['p'])]
    const remarks = await remarksOf(two(nodes, [value('a'), value('b'), value('mean'), value('p')]))
    expect(remarks).toContain('Left aside, for they are no exits: "mean".')
    expect(remarks).toContain('The outputs "a" and "p" are the same exit.')
  })

  test('are none where outputs have several sizes and none is made of another', async () => {
    const nodes = [...linear(), node('Flatten', ['x'], ['z'])]
    const bytes = model({ nodes, tensors: [linearWeight], outputs: [value('y'), value('z')] })
    expect(await refusal(bytes)).toBe('FILE has no output that can be told to be class scores.')
    await withBytes(bytes, async (path) => {
      const { network: none, remarks, tensors } = await openCheckpoint(path)
      expect(none).toBeNull()
      expect(tensors).toHaveLength(1)
      expect(remarks).toEqual(['None of its outputs can be told to be class scores: "y" [N, 3], "z" [N, 16].'])
    })
  })
})

describe('a file is refused in one sentence', () => {
  const relu = (...attributes: Parameters<typeof node>[]) => attributes.map((each) => node(...each))
  const cases: [string, Uint8Array, string][] = [
    [
      'that takes two kinds of images',
      model({ ...plain, inputs: [value('x', null, 1, 4, 4), value('z', null, 1, 4, 4)] }),
      'FILE takes 2 inputs, "x", "z", and not images alone.'
    ],
    [
      'that takes no square images',
      model({ ...plain, inputs: [value('x', null, 1, 4, 8)] }),
      'FILE takes images of 4 x 8 pixels; only square ones are known here.'
    ],
    [
      'that takes rows',
      model({ ...plain, inputs: [value('x', null, 16)] }),
      'FILE takes [?, 16] as "x", which are not images.'
    ],
    [
      'with an unknown operator',
      model({ nodes: relu(['NonMaxSuppression', ['x'], ['y']]) }),
      'FILE has the node "y" (NonMaxSuppression), which is an operator that is not known here.'
    ],
    [
      'of another opset',
      model({ ...plain, opset: 6 }),
      'FILE uses version 6 of the ONNX operators; 7 to 23 are known here: export it with one of these.'
    ],
    [
      'that shapes images together',
      model({ nodes: [node('Reshape', ['x', 's'], ['y'])], tensors: [integers('s', 8, -1)] }),
      'FILE has the node "y" (Reshape), which is shaped for 8 images: export it with a batch of any size.'
    ],
    [
      'that shapes to what can not be',
      model({ nodes: [node('Reshape', ['x', 's'], ['y'])], tensors: [integers('s', -1, 7)] }),
      'FILE has the node "y" (Reshape), which shapes [N, 1, 4, 4] to [-1, 7], across images.'
    ],
    [
      'that is in training mode',
      model({
        nodes: [node('BatchNormalization', ['x', 's', 's', 's', 's'], ['y'], { training_mode: 1 })],
        tensors: [tensor('s', [1], raw(1))]
      }),
      'FILE has the node "y" (BatchNormalization), which is in training mode: export the network in evaluation mode.'
    ],
    [
      'that moves the images',
      model({ nodes: [node('Transpose', ['x'], ['y'], { perm: [1, 0, 2, 3] })] }),
      'FILE has the node "y" (Transpose), which moves the axis of the images.'
    ],
    [
      'that grows without end',
      model({ nodes: [node('Pad', ['x', 'p'], ['y'])], tensors: [integers('p', 0, 0, 2 ** 40, 0, 0, 0, 0, 0)] }),
      'FILE has the node "y" (Pad), which makes more of one image than memory is for: [1, 1, 1099511627780, 4].'
    ],
    [
      'with a tensor of no numbers',
      model({ nodes: linear(), tensors: [tensor('w', [16, 3])] }),
      'FILE is a damaged ONNX file: the tensor "w" of shape [16, 3] has 0 bytes of data, which are not its 48 numbers.'
    ],
    [
      'with sparse tensors',
      model({ ...plain, more: [field(15, field(1, linearWeight))] }),
      'FILE has sparse tensors, which are not known here.'
    ]
  ]
  test.each(cases)('%s', async (_, bytes, sentence) => {
    expect(await refusal(bytes)).toBe(sentence)
  })

  test('wherever it is cut off', async () => {
    const whole = readFileSync(onnxFixture('networks/vgg-9.onnx'))
    for (let length = 1; length < whole.length; length += 83) await refusal(whole.subarray(0, length))
  })

  test('or opened, whatever byte of it is another', async () => {
    const whole = readFileSync(onnxFixture('networks/vgg-9.onnx'))
    const change = fc.record({ at: fc.integer({ min: 0, max: 1500 }), to: fc.integer({ min: 0, max: 255 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const bytes = Uint8Array.from(whole)
        for (const { at, to } of changes) bytes[at] = to
        await withBytes(bytes, async (path) => {
          const outcome: unknown = await openNetwork(path).catch((error: unknown) => error)
          if (outcome instanceof Error) expect(outcome).toBeInstanceOf(UserError)
        })
      }),
      { numRuns: 150 }
    )
  })
})

test('a bias is a linear layer’s own only where nobody else reads what it makes, under another name neither', async () => {
  const nodes = [
    node('Flatten', ['x'], ['f']),
    node('MatMul', ['f', 'w'], ['m']),
    node('Identity', ['m'], ['n']),
    node('Add', ['n', 'b'], ['s']),
    node('Mul', ['s', 'm'], ['y'])
  ]
  const bias = tensor('b', [3], raw(1, 2, 3))
  await withBytes(model({ nodes, tensors: [linearWeight, bias] }), async (path) => {
    const { network: found } = await openNetwork(path)
    expect(found.graph!.nodes.find(({ op }) => op === 'linear')!.inputs).toHaveLength(2)
  })
})

describe('weights in another file', () => {
  const numbers = new Uint8Array(Float32Array.from({ length: 48 }, (_, at) => at).buffer)
  const entry = (key: string, text: string) => field(13, joined(field(1, key), field(2, text)))
  const external = (location: string, ...more: Uint8Array[]) =>
    model({ nodes: linear(), tensors: [tensor('w', [16, 3], entry('location', location), ...more, field(14, 1))] })

  test('are read from the own folder, at their place', async () => {
    await withBytes(external('data/w.bin', entry('offset', '4'), entry('length', '192')), async (path, folder) => {
      await mkdir(join(folder, 'data'))
      await writeFile(join(folder, 'data', 'w.bin'), joined(new Uint8Array(4), numbers))
      const { weights } = await openNetwork(path)
      expect([...weights.get('w')!.data.subarray(0, 3)]).toEqual([0, 3, 6])
    })
  })

  test('are a part of what the file is: others have another hash', async () => {
    await withBytes(external('w.bin'), async (path, folder) => {
      await writeFile(join(folder, 'w.bin'), numbers)
      const { hash } = await describeCheckpoint(path)
      await writeFile(join(folder, 'w.bin'), numbers.toReversed())
      expect((await describeCheckpoint(path)).hash).not.toBe(hash)
    })
  })

  test('are not read through a link that leads out, nor beyond the end', async () => {
    await withBytes(numbers, async (secret) => {
      await withBytes(external('w.bin'), async (path, folder) => {
        await symlink(secret, join(folder, 'w.bin'))
        await expect(openNetwork(path)).rejects.toThrow(
          `${path} keeps the tensor "w" in another file, "w.bin", a link that leads out of its folder.`
        )
      })
    })
    await withBytes(external('w.bin', entry('offset', '4')), async (path, folder) => {
      await writeFile(join(folder, 'w.bin'), numbers)
      await expect(openNetwork(path)).rejects.toThrow(
        /says that "w" lies at bytes 4 to 196 of .*w\.bin, which has 192\.$/
      )
    })
  })

  test.each(['../w.bin', '/etc/passwd', 'a/../../w.bin', 'C:\\w.bin', '..\\w.bin', '', 'a//b', 'file:///etc/passwd'])(
    'are not read from %j',
    async (location) => {
      expect(await refusal(external(location))).toBe(
        `FILE keeps the tensor "w" in another file, ${JSON.stringify(location)}, and only files in its own folder are read.`
      )
    }
  )
})
