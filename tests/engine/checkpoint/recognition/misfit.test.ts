import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recognize, type Shapes } from '../../../../src-main/engine/checkpoint/recognition/recognize.ts'
import { publicNetworks, tensorsOf } from './public-networks.ts'

const misfitOf = (tensors: Shapes) => recognize(tensors, null).misfit
const changed = (name: string, change: (tensors: Map<string, { shape: number[] }>) => void): string | null => {
  const tensors = tensorsOf(name)
  change(tensors)
  return misfitOf(tensors)
}

describe('what fits no network', () => {
  test('says which one tensor is missing, superfluous or of another shape', () => {
    const resnet = 'torchvision resnet18'
    expect(changed(resnet, (tensors) => tensors.delete('fc.bias'))).toBe('has no tensor "fc.bias" that ResNet18 needs.')
    expect(changed(resnet, (tensors) => tensors.set('layer1.0.se.weight', { shape: [3] }))).toBe(
      'has the tensor "layer1.0.se.weight", which ResNet18 does not have.'
    )
    expect(changed(resnet, (tensors) => tensors.set('layer4.1.conv2.weight', { shape: [512, 512, 5, 5] }))).toBe(
      'has the tensor "layer4.1.conv2.weight", [512, 512, 5, 5] where [512, 512, 3, 3] is needed in ResNet18.'
    )
  })

  test('counts several and names three of each kind', () => {
    const misfit = changed('luanyunteng resnet18', (tensors) => {
      for (const name of ['bn1.weight', 'bn1.bias', 'bn1.running_mean', 'bn1.running_var']) tensors.delete(name)
      tensors.set('layer1.0.bn1.bias', { shape: [63] }).set('layer1.0.bn2.bias', { shape: [] })
      tensors.set('x', { shape: [1] }).set('y', { shape: [1] })
    })
    expect(misfit).toMatch(
      /^lacks \d+ tensors that .* needs \(.*\).* and has \d+ tensors that .* does not have \(.*\)\.$/
    )
  })

  test('is compared with the nearest', () => {
    const misfit = changed('torchvision vgg16', (tensors) => tensors.delete('classifier.3.bias'))
    expect(misfit).toBe('has no tensor "classifier.3.bias" that VGG16 without BatchNorm needs.')
  })

  test('and is near to nothing, where nothing fits', () => {
    expect(misfitOf(new Map([['x', { shape: [2] }]]))).toBe('is not a network known here: its tensor is "x".')
    expect(misfitOf(new Map(['a', 'b', 'c', 'd'].map((name) => [name, { shape: [2] }])))).toBe(
      'is not a network known here: its tensors are "a", "b", "c" and so on.'
    )
  })
})

test('what public code makes and never uses is no trouble', () => {
  const misfit = changed('torchvision resnet18', (tensors) =>
    tensors
      .set('downsample1_1.0.weight', { shape: [9, 9] })
      .set('adaptation_layers.0.bias', { shape: [9] })
      .set('layer1.0.total_ops', { shape: [1] })
  )
  expect(misfit).toBeNull()
})

test('a prefix before every name is kept', () => {
  const wrapped = new Map([...tensorsOf('kuangliu ResNet18')].map(([name, tensor]) => [`net.0.${name}`, tensor]))
  const { network } = recognize(wrapped, null)
  expect(network?.exits[0]?.classifier.name).toBe('net.0.linear')
  expect(network?.stem[0]).toMatchObject({ name: 'net.0.conv1' })
})

const knownNames = [...new Set(publicNetworks.flatMap(({ tensors }) => [...tensors.keys()]))]

describe('names and shapes of any kind', () => {
  const side = fc.oneof(
    fc.integer({ min: 0, max: 9 }),
    fc.constantFrom(0, -1, 512, 2 ** 31, 2 ** 53, NaN, 0.5, Infinity)
  )
  const shape = fc.oneof(
    fc.array(side, { maxLength: 6 }),
    fc.tuple(side, side, fc.constant(3), fc.constant(3)),
    fc.tuple(side, side, fc.constant(1), fc.constant(1))
  )
  const name = fc.oneof(
    fc.string(),
    fc.constantFrom(...knownNames, '__proto__', 'features.9999999999.weight', 'layer1.0.conv1.weight', '.', '', '..'),
    fc
      .constantFrom('features.%.squeeze.weight', 'layer%.%.conv1.weight', 'classifier.%.weight')
      .chain((pattern) => fc.nat().map((place) => pattern.replaceAll('%', String(place))))
  )

  test('never throw', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, shape), { maxLength: 60 }), (entries) => {
        recognize(new Map(entries.map(([key, dims]) => [key, { shape: dims }])), null)
      }),
      { numRuns: 300 }
    )
  })

  test('nor do those of a public network with some changed', () => {
    const changes = fc.array(fc.tuple(fc.nat(), shape), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(fc.constantFrom(...publicNetworks), changes, (one, list) => {
        const tensors = new Map(one.tensors)
        const names = [...tensors.keys()]
        for (const [index, dims] of list) tensors.set(names[index % names.length]!, { shape: dims })
        const { network } = recognize(tensors, null)
        // What is recognised has all its tensors in the file, so that it is no larger than that.
        expect(network?.stages.length ?? 0).toBeLessThan(10)
      }),
      { numRuns: 60 }
    )
  })

  test('are no work where there are too many', () => {
    const kernel = { shape: [1, 1, 3, 3] }
    const blocks = (count: number) => {
      const places = Array.from({ length: count }, (_, place) => `layer1.${place}`)
      const names = ['conv1', ...places.flatMap((place) => [`${place}.conv1`, `${place}.conv2`])]
      return new Map(names.map((name) => [`${name}.weight`, kernel]))
    }
    expect(misfitOf(blocks(50_000))).toMatch(/^is not a network known here/)
    expect(misfitOf(blocks(4000))).toMatch(/^is not a network known here/)
  })
})
