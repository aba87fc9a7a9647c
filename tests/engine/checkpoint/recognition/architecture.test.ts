import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { nameArchitecture } from '../../../../src-main/engine/calls/name-architecture.ts'
import { describeCheckpoint, openNetwork } from '../../../../src-main/engine/checkpoint/checkpoint.ts'
import { architecturesPath, fingerprintOf } from '../../../../src-main/engine/checkpoint/recognition/architectures.ts'
import { mapName, suggestKeys } from '../../../../src-main/engine/checkpoint/recognition/key-map.ts'
import { encodeSafetensors } from '../../../../src-main/engine/checkpoint/safetensors/safetensors-file.ts'
import { useDatasetsOf } from '../../../../src-main/engine/data/dataset-home.ts'
import { entryOf } from '../../../../src-main/engine/evaluation/subject.ts'
import { createDescriptions } from '../../../../src-main/engine/library/descriptions.ts'
import { buildNetwork } from '../../../../src-main/engine/model/build-network.ts'
import { initialWeights } from '../../../../src-main/engine/model/initialize.ts'
import type { Network } from '../../../../src-main/engine/model/layer.ts'
import { tensorSpecs } from '../../../../src-main/engine/model/tensor-specs.ts'
import type { NetworkSpec } from '../../../../src-shared/networks/network-spec.ts'
import { networkNamed } from '../../../helpers/networks.ts'
import { temporaryFolder } from '../../training/small-run.ts'

let folder: string
beforeEach(() => {
  folder = temporaryFolder()
  useDatasetsOf(join(folder, 'home'))
})

/** A network's weights in a file, its tensors under other names. */
function write(network: Network, rename: (name: string) => string, name = 'net'): string {
  const path = join(folder, `${name}.safetensors`)
  const entries = [...initialWeights(network, 1)].map(([name, { shape, data }]) => {
    return [rename(name), { dtype: 'F32', shape, data }] as const
  })
  writeFileSync(path, encodeSafetensors(new Map(entries)))
  return path
}

const small = (exits: 'all' | 'deepest' = 'deepest') =>
  networkNamed({ name: 'resnet18', width: 2, classes: 3, inputChannels: 1, exits })
const strange = (name: string) =>
  name
    .replace(/^layer/, 'part')
    .replace('conv', 'c')
    .replace(/^fc/, 'last')
const choice = { name: 'resnet18', width: 2 }

test('a file with names of its own is matched by shapes, kept, and known from then on', async () => {
  const path = write(small('all'), strange)
  expect((await describeCheckpoint(path)).network).toBeNull()
  const found = await nameArchitecture({ path, network: choice, keys: null, save: false })
  expect(found).toMatchObject({ title: 'ResNet18', misfit: null, unexpected: [], savedIn: null })
  expect(found.description).toBe('ResNet18, width 2, 3 classes, 4 exits')
  expect(found.layers).toContainEqual({
    ...{ layer: 'layer1.0.conv1', file: 'part1.0.c1', state: 'found' },
    ...{ shape: [2, 2, 3, 3], found: [2, 2, 3, 3] }
  })
  expect((await describeCheckpoint(path)).network).toBeNull()

  // safetensors has its names in alphabetical order: shapes alone tell too little to be kept unseen.
  const { keys, keysFrom } = found
  expect(keysFrom).toBe('guess')
  await expect(nameArchitecture({ path, network: choice, keys: null, save: true })).rejects.toThrow(
    `Which tensor of ${path} is which is a guess`
  )
  const saved = await nameArchitecture({ path, network: choice, keys, save: true })
  expect(saved.savedIn).toBe(`${path}.autodidact.json`)
  const { network, weights } = await openNetwork(path)
  expect(network.exits).toHaveLength(4)
  expect(weights.has('part1.0.c1.weight')).toBe(true)
  // A file with the same tensors is known by them, where nothing lies beside it.
  expect((await openNetwork(write(small('all'), strange, 'other'))).network.title).toBe('ResNet18')
  expect(JSON.parse(readFileSync(architecturesPath(), 'utf8'))).toMatchObject({ items: [{ network: choice }] })
  // One with others isn't.
  expect((await describeCheckpoint(write(small(), strange, 'third'))).network).toBeNull()
})

test('a map of keys names layers by what they begin with, the longest first', async () => {
  const keys = new Map([
    ['layer1', 'a'],
    ['layer1.0', 'b'],
    ['fc', 'c.d']
  ])
  expect(['layer1.1.conv1', 'layer1.0.conv1', 'layer10.0', 'fc', 'bn1'].map((layer) => mapName(keys, layer))).toEqual([
    ...['a.1.conv1', 'b.conv1', 'layer10.0', 'c.d', 'bn1']
  ])
  expect(mapName(new Map([['', 'net']]), 'fc')).toBe('net.fc')
  const path = write(small(), strange)
  const map = { layer1: 'part1', layer2: 'part2', layer3: 'part3', layer4: 'part4', conv1: 'c1', fc: 'last' }
  const missing = await nameArchitecture({ path, network: choice, keys: map, save: false })
  expect(missing.misfit).toMatch(/^lacks 16 tensors that ResNet18 needs \("part1\.0\.conv1\.weight"; .* and so on\)/)
  expect(missing.unexpected).toHaveLength(16)
  const request = { path, network: choice, keys: map, save: true }
  await expect(nameArchitecture(request)).rejects.toThrow(`${path} lacks 16 tensors that ResNet18 needs`)
  expect((await describeCheckpoint(path)).network).toBeNull()
})

test('what has another shape is told beside what is needed', async () => {
  const path = write(small(), strange)
  const { misfit, layers } = await nameArchitecture({
    ...{ path, network: { name: 'resnet18', width: 4 }, save: false },
    keys: { conv1: 'c1', fc: 'last' }
  })
  expect(misfit).toContain('"c1.weight", [2, 1, 3, 3] where [4, 1, 3, 3] is needed')
  expect(layers[0]).toMatchObject({ layer: 'conv1', state: 'reshaped', shape: [4, 1, 3, 3], found: [2, 1, 3, 3] })
})

test('a network of one’s own is named by its description', async () => {
  const spec: NetworkSpec = {
    name: 'Mine',
    stages: [
      [{ block: 'convolution', channels: 3 }],
      [{ block: 'max-pool' }, { block: 'basic', channels: 6, stride: 2 }]
    ]
  }
  const network = { name: 'custom', width: 3, spec }
  const built = buildNetwork({
    member: { family: 'custom', depth: 0, title: 'Mine', spec },
    ...{ width: 3, classes: 4, inputChannels: 2, exits: 'deepest' }
  })
  const path = write(built, (name) => `net.${name.replace('layer', 'l')}`)
  const keys = { layer1: 'net.l1', layer2: 'net.l2', fc: 'net.fc' }
  const { misfit, title } = await nameArchitecture({ path, network, keys, save: true })
  expect({ misfit, title }).toEqual({ misfit: null, title: 'Mine' })
  expect((await openNetwork(path)).network).toMatchObject({ title: 'Mine', classes: 4, inputChannels: 2 })
})

test('the order of definition decides where all shapes agree one to one; anything else is a guess', () => {
  const own = small()
  const tensors = new Map(tensorSpecs(own).map(({ name, shape }) => [strange(name), { shape }]))
  const layerOf = (name: string) => name.replace(/\.\w+$/, '')
  const expected = tensorSpecs(own).map(({ name }) => [layerOf(name), layerOf(strange(name))] as const)
  const found = suggestKeys(own, tensors)
  expect(found.isSure).toBe(true)
  expect(found.keys).toEqual(new Map(expected.filter(([layer, other]) => layer !== other)))
  const sorted = new Map([...tensors].sort(([a], [b]) => (a < b ? -1 : 1)))
  expect(suggestKeys(own, sorted)).toEqual({ ...found, isSure: false })
  tensors.delete('part1.1.c1.weight')
  const partial = suggestKeys(own, tensors)
  expect(partial.isSure).toBe(false)
  expect(partial.keys.get('layer4.1.conv2')).toBe('part4.1.c2')
})

test('the fingerprint depends on names and shapes, not on their order', () => {
  const tensors = [
    ['a', { shape: [1, 2] }],
    ['b', { shape: [3] }]
  ] as [string, { shape: number[] }][]
  const print = fingerprintOf(new Map(tensors))
  expect(fingerprintOf(new Map(tensors.toReversed()))).toBe(print)
  expect(fingerprintOf(new Map([...tensors, ['c', { shape: [] }]]))).not.toBe(print)
  expect(fingerprintOf(new Map([['a', { shape: [12] }], tensors[1]!]))).not.toBe(print)
})

test('what says itself which network it is needs no name', async () => {
  const { writeRun } = await import('../../library/lab-home.ts')
  const run = join(folder, 'run')
  await writeRun(run)
  await expect(nameArchitecture({ path: run, network: choice, keys: null, save: false })).rejects.toThrow(
    `${run} is a run of the lab: it keeps itself which network it is.`
  )
})

test('results of a file that was named as one network are not found when it is another', async () => {
  const specWith = (stride: 1 | 2): NetworkSpec => ({
    name: 'Mine',
    stages: [[{ block: 'convolution', channels: 3 }], [{ block: 'basic', channels: 6, stride }]]
  })
  const built = buildNetwork({
    member: { family: 'custom', depth: 0, title: 'Mine', spec: specWith(1) },
    ...{ width: 3, classes: 4, inputChannels: 2, exits: 'deepest' }
  })
  const path = write(built, (name) => `net.${name.replace('layer', 'l')}`)
  const keys = { layer1: 'net.l1', layer2: 'net.l2', fc: 'net.fc' }
  const descriptions = createDescriptions(null)
  const found: { key: string; hash: string; architecture: string | undefined }[] = []
  for (const stride of [1, 2, 1] as const) {
    await nameArchitecture({ path, network: { name: 'custom', width: 3, spec: specWith(stride) }, keys, save: true })
    const { key, hash } = await descriptions.of(path)
    found.push({ key, hash, architecture: entryOf({ path }, await openNetwork(path)).architecture })
  }
  const [first, second, third] = found
  expect(third).toEqual(first)
  expect(second!.hash).toBe(first!.hash)
  expect(new Set([first!.hash, first!.key, second!.key]).size).toBe(3)
  expect(first!.architecture).toMatch(/^[0-9a-f]{16}$/)
  expect(second!.architecture).not.toBe(first!.architecture)
})
