import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createLibrary } from '../../../src-main/engine/library/library.ts'
import { createRoots } from '../../../src-main/engine/roots.ts'
import { npy, zip } from '../data/formats/written.ts'
import { newHome } from '../jobs/jobs-world.ts'

const open = () => {
  const home = newHome()
  return {
    home,
    library: createLibrary({ home, roots: createRoots({ home, roots: null }), samples: join(home, 'none') })
  }
}
const fixture = fileURLToPath(new URL('../../fixtures/outputs/stacked.npz', import.meta.url))

test('a file of outputs is an item, with the accuracies of its own logits', async () => {
  const { home, library } = open()
  const path = join(home, 'given.npz')
  copyFileSync(fixture, path)
  const item = await library.open(path)
  expect(item).toMatchObject({
    name: 'given',
    state: 'ready',
    network: 'outputs of 3 exits, 60 images, 5 classes',
    isOutputs: true,
    classes: ['coat', 'bag', 'café', '旗', 'a longer name'],
    evaluatedOn: 'given.npz, 60 images'
  })
  expect(item.exits.map(({ exit, accuracy }) => [exit, accuracy?.toFixed(4)])).toEqual([
    [1, '0.4000'],
    [2, '0.6000'],
    [3, '0.7333']
  ])
  expect(item.ensembleAccuracy).toBeCloseTo(0.7, 9)
  expect(await library.list()).toEqual([item])
})

test('one whose values are wrong is refused when it is opened', async () => {
  const { home, library } = open()
  const path = join(home, 'given.npz')
  const floats = new Uint8Array(Float32Array.of(1, 0, 0, 1).buffer)
  writeFileSync(
    path,
    zip([
      { name: 'labels.npy', data: npy([2], Uint8Array.of(0, 7), '|u1') },
      { name: 'logits1.npy', data: npy([2, 2], floats, '<f4') }
    ])
  )
  await expect(library.open(path)).rejects.toThrow(
    `${path}: the label of image 1 is 7, but the logits are of classes 0 to 1.`
  )
})

test('what is measured of it is not kept as a measurement of the chosen data set', async () => {
  const { home, library } = open()
  const path = join(home, 'given.npz')
  copyFileSync(fixture, path)
  const item = await library.open(path)
  const result = { exits: [{ exit: 1, accuracy: 1, loss: 0 }], ensemble: { accuracy: 1, loss: 0 } }
  await library.evaluations.store(path, { kind: 'dataset', name: 'cifar10', split: 'test', limit: 100 }, result)
  expect(await library.evaluations.all()).toEqual(new Map())
  expect(await library.list()).toEqual([item])
})
