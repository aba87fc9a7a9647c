import { existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from 'node:fs'
import { cp, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { addDataset, removeDataset } from '../../../src-main/engine/data/add-dataset.ts'
import { useDatasetsOf } from '../../../src-main/engine/data/dataset-home.ts'
import {
  describeDataset,
  findDataset,
  isKnownDataset,
  listDatasets,
  loadDataset
} from '../../../src-main/engine/data/dataset.ts'
import { inputSizeOf } from '../../../src-main/engine/data/input-size.ts'
import { readImages } from '../../../src-main/engine/data/read-images.ts'
import { createLab } from '../../../src-main/engine/lab.ts'
import { createRoots } from '../../../src-main/engine/roots.ts'
import { datasetSummary } from '../../../src-shared/contract.ts'
import { UsageError, UserError } from '../../../src-shared/errors.ts'
import { temporaryFolder } from '../training/small-run.ts'
import { witness } from './formats/written.ts'
import { encodeIdx, writeTinyDataset } from './idx-fixtures.ts'

let home: string
beforeEach(() => {
  home = realpathSync(temporaryFolder())
  vi.stubEnv('AUTODIDACT_HOME', '')
  useDatasetsOf(home)
})
afterEach(() => void vi.unstubAllEnvs())

const usual = { size: null, labels: null, copy: false }
const add = (name: string, path: string, more: Partial<Parameters<typeof addDataset>[1]> = {}) =>
  addDataset(home, { name, path, ...usual, ...more })

describe('a data set that was added', () => {
  it('is listed with what was measured, and used by its name', async () => {
    const path = realpathSync(await writeTinyDataset(join(temporaryFolder(), 'tiny')))
    const added = await add('mine', path)
    expect(datasetSummary.parse(added)).toEqual(added)
    const { mean, deviation, hash } = await loadDataset(path)
    expect(added).toEqual({
      ...{ name: 'mine', path, classes: ['0', '1', '2'], trainCount: 6, testCount: 3, shape: [2, 2, 1] },
      ...{ licence: 'unknown', format: 'IDX', inputSize: 32, mean, deviation, isRegistered: true }
    })
    expect((await listDatasets()).map(({ name }) => name)).toEqual(['fashion-mnist', 'mine'])
    expect((await listDatasets(home))[1]).toEqual(added)
    expect(await isKnownDataset('mine')).toBe(true)
    expect(await loadDataset('mine')).toMatchObject({ name: 'mine', hash, path })
    expect((await readImages({ dataset: 'mine', split: 'test', indices: [0] })).labels).toEqual([2])
    await expect(loadDataset('none')).rejects.toThrow('the data sets known are: fashion-mnist, mine.')
    expect(readdirSync(home)).toEqual(['datasets.json'])
  })

  it('keeps the size and the labels that were chosen', async () => {
    const coarse = await add('cifar20', join(witness, 'cifar-100-python'), { labels: 'coarse' })
    expect(coarse.classes).toHaveLength(20)
    expect([...(await loadDataset('cifar20')).splits.train.labels]).toEqual([19, 3])
    const folder = temporaryFolder()
    await cp(join(witness, 'images'), join(folder, 'a'), { recursive: true })
    await cp(join(witness, 'images'), join(folder, 'b'), { recursive: true })
    const pictures = await add('pictures', folder, { size: 48 })
    expect(pictures).toMatchObject({ shape: [48, 48, 3], inputSize: 64, trainCount: 18, testCount: 4 })
    expect(pictures.format).toBe('image folder, 1/5 of each class is the test split (seed 0)')
    expect((await loadDataset('pictures')).shape).toEqual([48, 48, 3])
    expect((await loadDataset(folder)).shape).toEqual([32, 32, 3])
    await expect(add('x', folder, { labels: 'coarse' })).rejects.toThrow(
      new UsageError(`${folder} has no coarse labels; only CIFAR-100 has them.`)
    )
    const arrays = join(witness, 'stored.npz')
    await expect(add('x', arrays, { size: 64 })).rejects.toThrow(
      new UsageError(`${arrays} is no folder of images, so its images can't be given the size 64.`)
    )
  })

  it('is described from the list, and says at loading that its files are others now', async () => {
    const folder = realpathSync(await writeTinyDataset(temporaryFolder()))
    await add('mine', folder)
    const day = new Date().toISOString().slice(0, 10)
    await writeTinyDataset(folder, { testImages: encodeIdx([3, 2, 2], Array<number>(12).fill(1)) })
    const changed = `The data set mine is no longer what it was when it was added on ${day}: ${folder} has changed; restore it, or remove mine and add it again.`
    await expect(loadDataset('mine')).rejects.toThrow(new UserError(changed))
    await writeTinyDataset(folder, {
      testImages: encodeIdx([1, 2, 2], Array<number>(4).fill(1)),
      testLabels: encodeIdx([1], [0])
    })
    await expect(readImages({ dataset: 'mine', split: 'test', indices: [0] })).rejects.toThrow(new UserError(changed))
    await rename(folder, `${folder}-moved`)
    expect((await describeDataset(await findDataset('mine'))).testCount).toBe(3)
    await expect(loadDataset('mine')).rejects.toThrow(`${folder} does not exist.`)
  })

  it('is forgotten, and its files stay', async () => {
    const folder = realpathSync(await writeTinyDataset(temporaryFolder()))
    await add('mine', folder)
    expect(await removeDataset(home, 'mine')).toEqual({ name: 'mine', path: folder, isDeleted: false })
    expect(readdirSync(folder)).toHaveLength(4)
    expect(await listDatasets()).toHaveLength(1)
    await expect(removeDataset(home, 'mine')).rejects.toThrow(
      new UsageError('There is no data set "mine" to remove; added were: none.')
    )
    await expect(removeDataset(home, 'fashion-mnist')).rejects.toThrow('comes with the program')
  })
})

describe('a copy', () => {
  it('outlives its original, and goes with its name', async () => {
    const folder = realpathSync(await writeTinyDataset(temporaryFolder()))
    const copy = join(home, 'datasets', 'mine')
    expect((await add('mine', folder, { copy: true })).path).toBe(copy)
    await rename(folder, `${folder}-moved`)
    expect((await loadDataset('mine')).splits.train.count).toBe(6)
    expect((await removeDataset(home, 'mine')).isDeleted).toBe(true)
    expect(existsSync(copy)).toBe(false)
    expect(existsSync(`${folder}-moved`)).toBe(true)
  })

  it('of a file; none with a link, and none that is broken', async () => {
    expect(await add('arrays', join(witness, 'stored.npz'), { copy: true })).toMatchObject({ trainCount: 5 })
    expect(readdirSync(join(home, 'datasets', 'arrays'))).toEqual(['stored.npz'])
    const folder = await writeTinyDataset(temporaryFolder(), { testLabels: null })
    const secret = join(temporaryFolder(), 'secret')
    await writeFile(secret, encodeIdx([3], [0, 1, 2]))
    symlinkSync(secret, join(folder, 't10k-labels-idx1-ubyte'))
    await expect(add('linked', folder, { copy: true })).rejects.toThrow(
      new UserError(
        `${join(realpathSync(folder), 't10k-labels-idx1-ubyte')} is a link or no plain file, which is not copied; put the file itself there, or add the data set without a copy.`
      )
    )
    const broken = await writeTinyDataset(temporaryFolder(), { testLabels: encodeIdx([2], [0, 1]) })
    await expect(add('broken', broken, { copy: true })).rejects.toThrow('holds 2 labels for 3 images.')
    const whole = await writeTinyDataset(temporaryFolder())
    await expect(add('sized', whole, { copy: true, size: 64 })).rejects.toThrow("can't be given the size 64")
    expect(readdirSync(join(home, 'datasets'))).toEqual(['arrays'])
    expect(await listDatasets()).toHaveLength(2)
  })

  it("of a folder that holds the lab itself is refused, also where the lab's folder is not there yet", async () => {
    const folder = realpathSync(await writeTinyDataset(temporaryFolder()))
    const linked = join(temporaryFolder(), 'linked')
    symlinkSync(folder, linked)
    for (const inner of [folder, join(folder, 'lab'), join(linked, 'a', 'lab')])
      await expect(addDataset(inner, { name: 'a', path: folder, ...usual, copy: true })).rejects.toThrow(
        new UsageError(`${folder} holds the lab's own folder; it can't be copied into itself.`)
      )
    expect(readdirSync(folder)).toHaveLength(4)
  })

  it("nothing but the lab's own copy is ever deleted", async () => {
    const folder = realpathSync(await writeTinyDataset(temporaryFolder()))
    await add('mine', folder)
    const list = join(home, 'datasets.json')
    await writeFile(list, (await readFile(list, 'utf8')).replace('"isCopy":false', '"isCopy":true'))
    expect((await removeDataset(home, 'mine')).isDeleted).toBe(false)
    await add('mine', folder)
    mkdirSync(join(home, 'datasets'))
    symlinkSync(folder, join(home, 'datasets', 'mine'))
    const text = (await readFile(list, 'utf8')).replace('"isCopy":false', '"isCopy":true')
    await writeFile(list, text.replace(JSON.stringify(folder), JSON.stringify(join(home, 'datasets', 'mine'))))
    expect((await removeDataset(home, 'mine')).isDeleted).toBe(false)
    expect(readdirSync(folder)).toHaveLength(4)
  })
})

describe('refused', () => {
  it.each(['', '.', '..', 'a/b', '../a', '-a', 'a ', 'a.', 'ä', 'x'.repeat(65), '__proto__'])(
    'the name %j',
    async (name) => {
      await expect(add(name, witness)).rejects.toThrow(`${JSON.stringify(name)} can't be a data set's name`)
      expect(readdirSync(home)).toEqual([])
    }
  )

  it.each(['con', 'NUL', 'lpt1', 'aux.images'])('the name %s, which Windows keeps', async (name) => {
    await expect(add(name, witness)).rejects.toThrow(
      new UsageError(`${JSON.stringify(name)} can't be a data set's name: Windows keeps it for a device.`)
    )
  })

  it('the 1,001st, and none is forgotten for it', async () => {
    const folder = await writeTinyDataset(temporaryFolder())
    await add('mine', folder)
    const list = join(home, 'datasets.json')
    const { items } = JSON.parse(await readFile(list, 'utf8')) as { items: object[] }
    const many = Array.from({ length: 1000 }, (_, index) => ({ ...items[0], name: `mine-${index}` }))
    await writeFile(list, JSON.stringify({ version: 1, items: many }))
    await expect(add('other', folder)).rejects.toThrow(
      new UsageError('The lab knows 1000 data sets, the most there can be; remove one before you add other.')
    )
    expect(await listDatasets()).toHaveLength(1001)
  })

  it("names that are taken, also by other letters' size", async () => {
    await add('mine', await writeTinyDataset(temporaryFolder()))
    await expect(add('MINE', witness)).rejects.toThrow(
      'There is a data set mine already; choose another name, or remove it first.'
    )
    await expect(add('Fashion-MNIST', witness)).rejects.toThrow('comes with the program')
  })

  it('what is no data set', async () => {
    const folder = temporaryFolder()
    await expect(add('a', join(folder, 'none'))).rejects.toThrow('none does not exist.')
    await expect(add('a', folder)).rejects.toThrow('is no data set')
    expect(await listDatasets()).toHaveLength(1)
  })
})

it('adding several at once loses nothing', async () => {
  const folders = await Promise.all(Array.from({ length: 6 }, () => writeTinyDataset(temporaryFolder())))
  await Promise.all(folders.map((folder, index) => add(`set-${index}`, folder)))
  expect(await listDatasets()).toHaveLength(7)
  const tries = await Promise.allSettled(folders.map((folder) => add('same', folder)))
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

it('a damaged list is set aside, not fatal', async () => {
  await writeFile(join(home, 'datasets.json'), '{"version":1,"items":[{"name":"../evil","path":"/etc"}]}')
  const silent = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  expect(await listDatasets()).toHaveLength(1)
  await add('mine', await writeTinyDataset(temporaryFolder()))
  silent.mockRestore()
  expect(readdirSync(home).some((name) => name.startsWith('datasets.json.damaged-'))).toBe(true)
})

it('roots confine what was added like everything else', async () => {
  const root = realpathSync(temporaryFolder())
  const inside = await writeTinyDataset(join(root, 'in'))
  const outside = realpathSync(await writeTinyDataset(temporaryFolder()))
  await add('inside', inside)
  await add('outside', outside)
  const roots = createRoots({ home, roots: [root] })
  expect(await roots.checkDataset('inside')).toBe('inside')
  await expect(roots.checkDataset('outside')).rejects.toThrow(`${outside} lies outside ${root}`)
  expect(await createRoots({ home, roots: null }).checkDataset('outside')).toBe('outside')
})

it('a lab adds, lists and removes within its roots, and its processes know its home', async () => {
  const root = realpathSync(temporaryFolder())
  const inside = await writeTinyDataset(join(root, 'in'))
  const outside = realpathSync(await writeTinyDataset(temporaryFolder()))
  const labHome = join(root, 'autodidact-lab')
  const host = { start: () => expect.unreachable('No job is started.') }
  const { calls, close } = await createLab({ home: labHome, roots: [root], host })
  const context = { tell: () => undefined, signal: new AbortController().signal }
  try {
    const added = await calls.addDataset({ name: 'mine', path: inside, ...usual }, context)
    expect((await calls.listDatasets({}, context))[1]).toEqual(added)
    await expect(calls.addDataset({ name: 'other', path: outside, ...usual }, context)).rejects.toThrow('lies outside')
    const request = { dataset: 'mine', split: 'test', indices: [0] } as const
    expect(await calls.readImages({ ...request, indices: [0] }, context)).toMatchObject({ labels: [2] })
    expect(process.env.AUTODIDACT_HOME).toBe(labHome)
    expect(await calls.removeDataset({ name: 'mine' }, context)).toMatchObject({ isDeleted: false })
  } finally {
    await close()
    useDatasetsOf(home)
  }
})

it.each([
  [[28, 28, 1], 32],
  [[32, 32, 3], 32],
  [[33, 20, 3], 64],
  [[64, 64, 3], 64],
  [[10, 224, 1], 224],
  [[1, 1, 1], 32]
] as const)('images of %j become an input of %i', (shape, size) => expect(inputSizeOf([...shape])).toBe(size))
