import { copyFileSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { libraryItemSchema } from '../../../src-shared/library.ts'
import { openNetwork } from '../../../src-main/engine/checkpoint/checkpoint.ts'
import { entryOf } from '../../../src-main/engine/evaluation/subject.ts'
import { samplesFolder } from '../../../src-main/engine/library/places.ts'
import { findWeights } from '../../../src-main/engine/checkpoint/checkpoint.ts'
import { exitCosts } from '../../../src-main/engine/model/cost.ts'
import { readGolden } from '../golden/golden.ts'
import { temporaryFolder } from '../training/small-run.ts'
import { accuracyAfter, itemNamed, openLibrary, writeMoment, writeRun } from './lab-home.ts'

const sample = (name: string) => join(samplesFolder, `${name}.safetensors`)
const golden = readGolden('bottleneck-resnet18-w8').weights
const fullTest = 'fashion-mnist test, 10,000 images'

/** A copy of a checkpoint outside the home. */
function fileNamed(name: string, source = golden): string {
  const path = join(realpathSync(temporaryFolder()), name)
  copyFileSync(source, path)
  return path
}

describe('the shipped samples', () => {
  test('are all there, each as a report says of it, with what their records measured', async () => {
    const { library } = openLibrary()
    const items = await library.list()
    expect(items).toHaveLength(12)
    for (const item of items) {
      expect(libraryItemSchema.parse(item)).toEqual(item)
      const checkpoint = await openNetwork(sample(item.name))
      const { name, group, role, seed, hash, network } = entryOf({ path: item.path }, checkpoint)
      expect(item).toMatchObject({ name, group, role, seed, hash, network, source: 'sample', state: 'ready' })
      expect(item.exits.map(({ accuracy: _, ...cost }) => cost)).toEqual(exitCosts(checkpoint.network).exits)
      const record = JSON.parse(readFileSync(join(samplesFolder, `${item.name}.json`), 'utf8')) as {
        result: { exits: { exit: number; accuracy: number }[]; ensemble: { accuracy: number } }
      }
      expect(item.exits.map(({ exit, accuracy }) => [exit, accuracy])).toEqual(
        record.result.exits.map(({ exit, accuracy }) => [exit, accuracy])
      )
      expect(item.ensembleAccuracy).toBe(record.result.ensemble.accuracy)
      expect(item).toMatchObject({ evaluatedOn: fullTest, dataset: 'fashion-mnist', epochs: 0, openedAt: '' })
      expect(item.classes[9]).toBe('Ankle boot')
    }
    const { group, role, seed } = items.find(({ name }) => name === 'noisy-deep-supervision-2')!
    expect({ group, role, seed }).toEqual({ group: 'noisy-deep-supervision', role: 'deep-supervision', seed: 2 })
  })

  test('without a record, with a damaged one, and with broken weights', async () => {
    const samples = temporaryFolder()
    for (const name of ['a-0', 'b-0']) copyFileSync(sample('clean-baseline-0'), join(samples, `${name}.safetensors`))
    writeFileSync(join(samples, 'b-0.json'), '{"result": {"exits": "none"}}')
    writeFileSync(join(samples, 'c-0.safetensors'), 'short')
    const { library } = openLibrary({ samples })
    const [a, b, c] = await library.list()
    for (const item of [a, b]) {
      expect(item).toMatchObject({ state: 'ready', evaluatedOn: '', ensembleAccuracy: null })
      expect(item!.exits.map(({ accuracy }) => accuracy)).toEqual([null])
    }
    const path = join(samples, 'c-0.safetensors')
    expect(c).toMatchObject({
      state: 'unreadable',
      problem: `${path} is text, not a checkpoint; PyTorch, safetensors, ONNX, Keras, tfjs and NumPy files are opened.`,
      hash: '',
      exits: []
    })
  })
})

describe('runs of the lab', () => {
  test('done: costs, and the accuracies of its last test', async () => {
    const { home, library } = openLibrary()
    const manifest = await writeRun(join(home, 'runs', 'net-7'), { epochsDone: 2 })
    const item = await itemNamed(library, 'net-7')
    expect(libraryItemSchema.parse(item)).toEqual(item)
    expect(item).toMatchObject({
      source: 'run',
      state: 'ready',
      group: 'net',
      role: 'self-distillation',
      seed: 7,
      network: 'ResNet18, width 2, 10 classes, 4 exits',
      epochsDone: 2,
      epochs: 2,
      evaluatedOn: fullTest,
      classes: manifest.data.classes
    })
    expect(item.exits.map(({ accuracy }) => accuracy)).toEqual([0, 1, 2, 3].map((i) => accuracyAfter(2) + i / 100))
    expect(item.ensembleAccuracy).toBe(accuracyAfter(2) + 0.05)
    expect(item.hash).toBe(await library.keyOf(item.path))
  })

  test('paused, also in the middle of an epoch: then it says so', async () => {
    const { home, library } = openLibrary()
    const config = { epochs: 5 }
    await writeRun(join(home, 'runs', 'between'), { config, epochsDone: 3 })
    await writeRun(join(home, 'runs', 'within'), { config, epochsDone: 3, stepsSince: 2 })
    await writeRun(join(home, 'runs', 'early'), { config, epochsDone: 0, stepsSince: 2 })
    const shared = { state: 'paused', epochs: 5 }
    expect(await itemNamed(library, 'between')).toMatchObject({ ...shared, epochsDone: 3, evaluatedOn: fullTest })
    expect(await itemNamed(library, 'within')).toMatchObject({
      ...shared,
      epochsDone: 3,
      evaluatedOn: `${fullTest}, after epoch 3`
    })
    expect(await itemNamed(library, 'early')).toMatchObject({ ...shared, epochsDone: 0, evaluatedOn: '' })
  })

  test('empty, with what its manifest says; not a run; a link is not followed', async () => {
    const { home, library } = openLibrary()
    await writeRun(join(home, 'runs', 'empty-3'), { hasCheckpoint: false, config: { method: 'baseline', seed: 3 } })
    mkdirSync(join(home, 'runs', 'folder'))
    writeFileSync(join(home, 'runs', 'file'), '')
    const elsewhere = temporaryFolder()
    await writeRun(join(elsewhere, 'other'))
    symlinkSync(join(elsewhere, 'other'), join(home, 'runs', 'link'))
    const runs = (await library.list()).filter(({ source }) => source === 'run')
    expect(runs.map(({ name }) => name)).toEqual(['empty-3'])
    expect(runs[0]).toMatchObject({
      state: 'empty',
      hash: '',
      group: 'empty',
      role: 'baseline',
      seed: 3,
      network: 'ResNet18, width 2, 10 classes, 1 exit',
      epochsDone: 0,
      epochs: 2,
      problem: ''
    })
    expect(runs[0]!.exits.map(({ exit, accuracy }) => [exit, accuracy])).toEqual([[4, null]])
  })

  test('training while the lock is alive, and no longer', async () => {
    const { home, library } = openLibrary()
    const folder = join(home, 'runs', 'net')
    await writeRun(folder)
    const lock = (pid: number, host = hostname()) =>
      writeFileSync(join(folder, 'lock.json'), JSON.stringify({ pid, host }))
    lock(process.pid)
    expect((await itemNamed(library, 'net')).state).toBe('training')
    lock(2 ** 30)
    expect((await itemNamed(library, 'net')).state).toBe('ready')
    lock(1, 'another machine')
    expect((await itemNamed(library, 'net')).state).toBe('training')
    writeFileSync(join(folder, 'lock.json'), '{"pid"')
    expect((await itemNamed(library, 'net')).state).toBe('ready')
  })

  test('a new checkpoint is another network with other accuracies', async () => {
    const { home, library } = openLibrary()
    const folder = join(home, 'runs', 'net')
    const manifest = await writeRun(folder, { config: { epochs: 9 }, epochsDone: 1 })
    const before = await itemNamed(library, 'net')
    await writeMoment(folder, manifest, 2)
    const after = await itemNamed(library, 'net')
    expect(after.id).toBe(before.id)
    expect(after.hash).not.toBe(before.hash)
    expect([before.exits[0]!.accuracy, after.exits[0]!.accuracy]).toEqual([accuracyAfter(1), accuracyAfter(2)])
  })

  test('a damaged manifest, damaged weights and a damaged history', async () => {
    const { home, library } = openLibrary()
    const at = (name: string) => join(home, 'runs', name)
    for (const name of ['manifest', 'weights', 'history']) await writeRun(at(name))
    writeFileSync(join(at('manifest'), 'manifest.json'), '{"schemaVersion": 1}')
    const { file } = await findWeights(at('weights'))
    writeFileSync(file, 'x')
    writeFileSync(join(at('history'), 'history.jsonl'), '{"epoch":{"epoch":2}}\n\0\0\n')
    expect(await itemNamed(library, 'manifest')).toMatchObject({
      state: 'unreadable',
      problem: expect.stringMatching(/manifest\.json is damaged: config .*\.$/) as string
    })
    expect(await itemNamed(library, 'weights')).toMatchObject({
      state: 'unreadable',
      problem: `${file} is text, not a checkpoint; PyTorch, safetensors, ONNX, Keras, tfjs and NumPy files are opened.`
    })
    expect(await itemNamed(library, 'history')).toMatchObject({ state: 'ready', evaluatedOn: '', epochsDone: 2 })
  })
})

describe('opened files', () => {
  test('are kept, also by the next library of the home, last opened first', async () => {
    const { home, library } = openLibrary()
    const first = fileNamed('wide.safetensors')
    const item = await library.open(first)
    expect(item).toMatchObject({ path: first, name: 'wide', source: 'file', state: 'ready', role: 'unknown', seed: 0 })
    expect(item.openedAt).toBe(new Date(item.openedAt).toISOString())
    const second = await library.open(fileNamed('deep.safetensors'))
    expect((await openLibrary({ home }).library.list()).slice(12)).toEqual([second, item])
  })

  test('by a link it is the same item; a sample and a run of the lab stay what they are', async () => {
    const { home, library } = openLibrary()
    const path = fileNamed('net.safetensors')
    const link = join(temporaryFolder(), 'link.safetensors')
    symlinkSync(path, link)
    expect((await library.open(link)).id).toBe((await library.open(path)).id)
    await writeRun(join(home, 'runs', 'mine'))
    const run = await library.open(join(home, 'runs', 'mine'))
    expect(run).toEqual({ ...(await itemNamed(library, 'mine')), openedAt: run.openedAt })
    expect(run).toMatchObject({ source: 'run', name: 'mine' })
    expect(await library.open(sample('clean-baseline-0'))).toMatchObject({ source: 'sample', name: 'clean-baseline-0' })
    expect(await library.list()).toHaveLength(14)
  })

  test("a run's folder elsewhere", async () => {
    const { library } = openLibrary()
    const folder = join(realpathSync(temporaryFolder()), 'net-7')
    await writeRun(folder, { config: { epochs: 4 }, epochsDone: 2 })
    expect(await library.open(folder)).toMatchObject({
      source: 'file',
      state: 'paused',
      group: 'net',
      seed: 7,
      epochsDone: 2,
      epochs: 4,
      evaluatedOn: fullTest
    })
  })

  test('what cannot be used is refused with the reason, and not kept', async () => {
    const { home, library } = openLibrary()
    const folder = realpathSync(temporaryFolder())
    const text = join(folder, 'notes.txt')
    writeFileSync(text, '{"not": "weights"}')
    await writeRun(join(home, 'runs', 'empty'), { hasCheckpoint: false })
    const run = join(realpathSync(home), 'runs', 'empty')
    const refusals: Record<string, string> = {
      [text]: `${text} is text, not a checkpoint`,
      [folder]: `${folder} is a folder, but not the folder of a run, and no checkpoints lie directly in it.`,
      [join(folder, 'gone')]: `${join(folder, 'gone')} does not exist.`,
      [run]: `The run ${run} has no checkpoint yet.`,
      '\0': '"\\u0000" is not a path.'
    }
    for (const [path, sentence] of Object.entries(refusals)) await expect(library.open(path)).rejects.toThrow(sentence)
    expect(await library.list()).toHaveLength(13)
  })

  test('one that is gone says so, with what it was', async () => {
    const { library } = openLibrary()
    const path = fileNamed('net.safetensors', sample('noisy-deep-supervision-1'))
    const before = await library.open(path)
    rmSync(path)
    expect(await itemNamed(library, 'net')).toMatchObject({
      id: before.id,
      state: 'missing',
      problem: `${path} does not exist.`,
      network: 'ResNet18, width 8, 10 classes, 4 exits',
      role: 'deep-supervision',
      seed: 1,
      hash: ''
    })
    copyFileSync(golden, path)
    expect(await itemNamed(library, 'net')).toMatchObject({ state: 'ready', role: 'unknown' })
  })

  test('outside the roots none is opened, and none that was is read', async () => {
    const path = fileNamed('net.safetensors')
    const { home, library } = openLibrary()
    await library.open(path)
    const root = realpathSync(temporaryFolder())
    const confined = openLibrary({ home, roots: [root] }).library
    const sentence = `${path} lies outside ${root}; choose a file or folder in there.`
    await expect(confined.open(path)).rejects.toThrow(sentence)
    await expect(confined.keyOf(path)).rejects.toThrow(sentence)
    expect((await confined.list()).slice(12)).toMatchObject([{ state: 'unreadable', problem: sentence, hash: '' }])
  })
})

describe('edit', () => {
  test('name, group, tags and note stay with the item; what is left out stays', async () => {
    const { home, library } = openLibrary()
    const { id } = await itemNamed(library, 'noisy-baseline-1')
    await library.edit(id, { name: 'My net', tags: ['good', 'small', 'good'] })
    await library.edit(id, { note: 'seen <b>twice</b>' })
    const edited = { name: 'My net', group: 'noisy-baseline', tags: ['good', 'small'], note: 'seen <b>twice</b>' }
    expect(await library.edit(id, {})).toMatchObject(edited)
    expect(await itemNamed(openLibrary({ home }).library, 'My net')).toMatchObject({ id, ...edited })
    expect(await library.edit(id, { group: 'other', name: 'noisy-baseline-1' })).toMatchObject({
      name: 'noisy-baseline-1',
      group: 'other'
    })
  })

  test('an item that is not there', async () => {
    const { library } = openLibrary()
    for (const work of [library.edit('0123', { note: '' }), library.remove('0123')])
      await expect(work).rejects.toThrow('The library has no item "0123" any more.')
  })
})

describe('evaluations', () => {
  const result = (accuracy: number) => ({
    exits: [1, 2, 3, 4].map((exit) => ({ exit, accuracy: accuracy + exit / 100, loss: NaN })),
    ensemble: { accuracy, loss: 1 }
  })
  const on = (split: 'train' | 'test', limit: number | null, orFewer = false) =>
    ({ kind: 'dataset', name: 'fashion-mnist', split, limit, orFewer }) as const

  test('of a file are shown with what they were measured on, and found by its weights', async () => {
    const { home, library } = openLibrary()
    const path = fileNamed('net.safetensors')
    await library.open(path)
    expect(await library.evaluations.of(path)).toBeNull()
    await library.evaluations.store(path, on('test', null), result(0.5))
    expect(await itemNamed(library, 'net')).toMatchObject({ ensembleAccuracy: 0.5, evaluatedOn: fullTest })
    const copy = await openLibrary({ home }).library.open(fileNamed('copy.safetensors'))
    expect(copy.exits.map(({ accuracy }) => accuracy)).toEqual([0.51, 0.52, 0.53, 0.54])
  })

  test('more test images are better than fewer; the newest of as many counts', async () => {
    const { library } = openLibrary()
    const path = fileNamed('net.safetensors')
    const { evaluations } = library
    const stored = async () => (await evaluations.of(path))?.evaluatedOn
    await evaluations.store(path, on('train', 500), result(0.1))
    expect(await stored()).toBe('fashion-mnist train, 500 images')
    await evaluations.store(path, on('test', 500), result(0.2))
    expect(await stored()).toBe('fashion-mnist test, 500 images')
    await evaluations.store(path, on('test', 20_000, true), result(0.3))
    expect(await stored()).toBe(fullTest)
    await evaluations.store(path, on('test', 2000), result(0.4))
    await evaluations.store(path, on('train', null), result(0.4))
    expect(await evaluations.of(path)).toMatchObject({ ensemble: { accuracy: 0.3 } })
    await evaluations.store(path, on('test', null), result(0.6))
    expect(await evaluations.of(path)).toMatchObject({ ensemble: { accuracy: 0.6 }, exits: { length: 4 } })
    const arrays = { kind: 'arrays', imagesPath: '/data/x.f32', shape: [7, 32, 32, 1], labels: null } as const
    const other = sample('clean-deep-supervision-0')
    await evaluations.store(other, { ...arrays, shape: [7, 32, 32, 1] }, result(0.5))
    expect(await evaluations.of(other)).toMatchObject({ evaluatedOn: 'x.f32, 7 images' })
  })

  test('do not take the place of what a sample or a run says of itself, unless it has been trained on', async () => {
    const { home, library } = openLibrary()
    const config = { epochs: 5 }
    await writeRun(join(home, 'runs', 'between'), { config })
    await writeRun(join(home, 'runs', 'within'), { config, stepsSince: 1 })
    for (const path of ['between', 'within'].map((name) => join(home, 'runs', name)))
      await library.evaluations.store(path, on('test', 300), result(0.01))
    await library.evaluations.store(sample('clean-baseline-0'), on('test', 300), result(0.01))
    expect(await itemNamed(library, 'clean-baseline-0')).toMatchObject({ evaluatedOn: fullTest })
    expect(await itemNamed(library, 'between')).toMatchObject({ evaluatedOn: fullTest })
    expect(await itemNamed(library, 'within')).toMatchObject({
      evaluatedOn: 'fashion-mnist test, 300 images',
      ensembleAccuracy: 0.01
    })
  })
})
