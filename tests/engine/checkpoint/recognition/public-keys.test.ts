import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { publicTensors } from '../../../../src-main/engine/checkpoint/recognition/public-names.ts'
import { recognize } from '../../../../src-main/engine/checkpoint/recognition/recognize.ts'
import type { Network } from '../../../../src-main/engine/model/layer.ts'
import { tensorSpecs } from '../../../../src-main/engine/model/tensor-specs.ts'
import type { Weights } from '../../../../src-main/engine/model/weights.ts'
import { networkNamed } from '../../../helpers/networks.ts'
import { expand, tensorsOf } from './public-networks.ts'

type PublicClass = { title: string; heads: string; classes: number; tensors: Record<string, number[]> }

// Asked of the public classes themselves by tests/fixtures/witness/public_keys.py.
const text = readFileSync(new URL('../../../fixtures/witness/public-keys.json', import.meta.url), 'utf8')
const classes = Object.entries(JSON.parse(text) as Record<string, PublicClass>).map(([key, one]) => {
  return { ...one, key, tensors: expand(one.tensors) }
})
const [teacher, journal, scan] = [
  'luanyunteng/pytorch-be-your-own-teacher',
  'ArchipLab-LinfengZhang/pytorch-self-distillation-final',
  'ArchipLab-LinfengZhang/pytorch-scalable-neural-networks'
]

const listOf = (tensors: ReadonlyMap<string, { shape: readonly number[] }>) =>
  [...tensors].map(([name, { shape }]) => [name, shape])

/** What an export of such a network has: names and shapes in order. Its numbers are not made, for they are many. */
function exported(network: Network) {
  const data = new Float32Array(0)
  const weights: Weights = new Map(tensorSpecs(network).map(({ name, shape }) => [name, { shape, data }]))
  return listOf(publicTensors(network, weights))
}

describe.each(classes)('$key', ({ title, heads, classes, tensors }) => {
  test('is recognised, and written with its keys in their order', () => {
    const { network, misfit } = recognize(tensors, null)
    expect(misfit).toBeNull()
    expect(network).toMatchObject({ title, heads, classes, width: 64, inputChannels: 3 })
    expect(network!.exits.map(({ exit }) => exit)).toEqual([1, 2, 3, 4])
    expect(exported(network!)).toEqual(listOf(tensors))
  })
})

test.each([
  { key: `${teacher} multi_resnet18_kd`, name: 'resnet18', head: 'bottleneck' as const },
  { key: `${journal} resnet18`, name: 'resnet18', head: 'sepconv' as const },
  { key: `${journal} resnet50`, name: 'resnet50', head: 'sepconv' as const },
  { key: `${journal} resnext50_32x4d`, name: 'resnext50-32x4d', head: 'sepconv' as const },
  { key: `${scan} resnet18`, name: 'resnet18', head: 'scan' as const }
])('a $name of ours with $head heads is written as $key', ({ key, name, head }) => {
  const { classes: count, tensors } = classes.find((one) => one.key === key)!
  const network = networkNamed({ name, head, width: 64, classes: count, inputChannels: 3, exits: 'all' })
  expect(exported(network)).toEqual(listOf(tensors))
})

test.each([
  [`${teacher} multi_resnet18_kd`, 'luanyunteng resnet18'],
  [`${teacher} multi_resnet50_kd`, 'luanyunteng resnet50'],
  [`${journal} resnet18`, 'journal resnet18'],
  [`${journal} resnet50`, 'journal resnet50, plain mask'],
  [`${journal} wide_resnet50_2`, 'journal wide resnet50-2']
])('%s is as written from its names (%s)', (key, name) => {
  const { tensors } = classes.find((one) => one.key === key)!
  const written = tensorsOf(name)
  // Their code has versions: a BatchNorm in the mask or none, layers for training or none. Classes are what one asks for.
  const isOfSomeVersions = (tensor: string) => /^(attention\d\.1|adaptation_layers\.\d)\./.test(tensor)
  const isClassifier = (tensor: string) => /^(middle_)?fc\d?\./.test(tensor)
  const comparable = (all: typeof written) =>
    listOf(all)
      .filter(([tensor]) => !isOfSomeVersions(tensor as string))
      .map(([tensor, shape]) => [tensor, isClassifier(tensor as string) ? shape!.slice(1) : shape])
  expect(comparable(written)).toEqual(comparable(tensors))
})
