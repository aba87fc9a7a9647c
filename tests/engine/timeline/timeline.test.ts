import { copyFileSync, mkdirSync, realpathSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { libraryItemSchema } from '../../../src-shared/library.ts'
import { exportCheckpoint } from '../../../src-main/engine/calls/export-checkpoint.ts'
import { encodeSafetensors, readSafetensors } from '../../../src-main/engine/checkpoint/safetensors/safetensors-file.ts'
import type { Described } from '../../../src-main/engine/library/descriptions.ts'
import { inspectAny } from '../../../src-main/engine/timeline/inspect-timeline.ts'
import { readTimeline } from '../../../src-main/engine/timeline/timeline.ts'
import { readGolden } from '../golden/golden.ts'
import { openLibrary } from '../library/lab-home.ts'
import { temporaryFolder } from '../training/small-run.ts'

const golden = readGolden('bottleneck-resnet18-w8').weights
const other = readGolden('sepconv-resnet18-w8').weights
const folder = () => realpathSync(temporaryFolder())
const { tensors } = await readSafetensors(golden)

/** Writes the golden network with a note of its epoch. */
function writeEpoch(path: string, epoch: string): void {
  writeFileSync(path, encodeSafetensors(tensors, new Map([['epoch', epoch]])))
}
const epochs = (item: { frames?: { epoch: number | null }[] | undefined }) => item.frames?.map(({ epoch }) => epoch)

describe('a folder of checkpoints of one run', () => {
  test('opens as one item: its frames by the epochs in their notes, itself the last of them', async () => {
    const run = folder()
    for (const [name, epoch] of [
      ['z', '1'],
      ['a', '20'],
      ['m', '3']
    ] as const)
      writeEpoch(join(run, `${name}.safetensors`), epoch)
    const { library } = openLibrary()
    const item = await library.open(run)
    expect(libraryItemSchema.parse(item)).toEqual(item)
    expect(item).toMatchObject({ path: run, source: 'file', state: 'ready', remark: '' })
    expect(item.frames).toMatchObject([
      { path: join(run, 'z.safetensors'), label: 'epoch 1', epoch: 1, evaluatedOn: '', ensembleAccuracy: null },
      { path: join(run, 'm.safetensors'), label: 'epoch 3', epoch: 3 },
      { path: join(run, 'a.safetensors'), label: 'epoch 20', epoch: 20, accuracies: [null, null, null, null] }
    ])
    expect(new Set(item.frames!.map(({ hash }) => hash)).size).toBe(3)
    expect(item.hash).toBe(item.frames!.at(-1)!.hash)
    expect(await library.list()).toContainEqual(item)
  })

  test('grows with the folder', async () => {
    const run = folder()
    for (const epoch of [1, 2]) writeEpoch(join(run, `${epoch}.safetensors`), `${epoch}`)
    const { library } = openLibrary()
    expect(epochs(await library.open(run))).toEqual([1, 2])
    writeEpoch(join(run, '3.safetensors'), '3')
    const item = (await library.list()).find(({ path }) => path === run)!
    expect(epochs(item)).toEqual([1, 2, 3])
  })

  test('leaves out what is no checkpoint, other networks and folders, and says so', async () => {
    const run = folder()
    for (const epoch of [2, 10]) copyFileSync(golden, join(run, `${epoch}.safetensors`))
    copyFileSync(other, join(run, 'teacher.safetensors'))
    writeFileSync(join(run, 'notes.txt'), 'a good run')
    writeFileSync(join(run, 'log.json'), '{}')
    writeFileSync(join(run, '.hidden'), '')
    writeFileSync(join(run, '2.safetensors.autodidact.json'), '{}')
    mkdirSync(join(run, 'code'))
    const item = await openLibrary().library.open(run)
    expect(epochs(item)).toEqual([2, 10])
    expect(item.remark).toBe(
      'Left out: log.json and notes.txt are no checkpoints; teacher.safetensors is of another network.'
    )
  })

  test('is ordered by time where nothing else tells', async () => {
    const run = folder()
    for (const [i, name] of ['c', 'a', 'b'].entries()) {
      copyFileSync(golden, join(run, name))
      utimesSync(join(run, name), 1_700_000_000 + i, 1_700_000_000 + i)
    }
    const { frames } = await openLibrary().library.open(run)
    expect(frames!.map(({ label }) => label)).toEqual(['c', 'a', 'b'])
  })

  test('follows links to files, and refuses those that lead out of the roots', async () => {
    const [outside, run] = [folder(), folder()]
    copyFileSync(golden, join(outside, 'secret-9.safetensors'))
    for (const epoch of [1, 2]) copyFileSync(golden, join(run, `${epoch}.safetensors`))
    symlinkSync(join(outside, 'secret-9.safetensors'), join(run, '3.safetensors'))
    symlinkSync(join(run, 'nothing'), join(run, '4.safetensors'))
    symlinkSync(outside, join(run, '5'))
    const confined = await openLibrary({ roots: [run] }).library.open(run)
    expect(epochs(confined)).toEqual([1, 2])
    expect(confined.remark).toBe(
      'Left out: 3.safetensors, 4.safetensors and 5 are links to where nothing may be opened.'
    )
    const free = await openLibrary().library.open(run)
    expect(free.frames!.map(({ path }) => path)).toContain(join(outside, 'secret-9.safetensors'))
  })

  test('has at most 500 frames, the last among them, and says how many there were', async () => {
    const run = folder()
    for (let epoch = 1; epoch <= 1201; epoch++) writeFileSync(join(run, `${epoch}.pt`), '')
    writeFileSync(join(run, 'zzz.log'), '')
    const described = { signature: 'one', misfit: null, epoch: null, changedAt: '' } as unknown as Described
    const { frames, remark } = await readTimeline(run, {
      check: (path) => Promise.resolve(path),
      describe: () => Promise.resolve(described)
    })
    expect(frames.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 401 }, (_, i) => 1 + 3 * i))
    expect(remark).toBe('Of 1202 files only 401 were looked at: a timeline has at most 500.')
  })

  test('with a single checkpoint in it is that checkpoint', async () => {
    const run = folder()
    copyFileSync(golden, join(run, 'mine.safetensors'))
    writeFileSync(join(run, 'README.md'), '')
    const item = await openLibrary().library.open(run)
    expect(item).toMatchObject({ path: join(run, 'mine.safetensors'), name: 'mine' })
    expect(item.frames).toBeUndefined()
  })

  test('that is a tfjs model has nothing left out: its weights are no strangers', async () => {
    const out = join(folder(), 'model')
    await exportCheckpoint({ path: golden, out, format: 'tfjs' })
    const item = await openLibrary().library.open(out)
    expect([item.state, item.remark ?? '']).toEqual(['ready', ''])
    const link = join(folder(), 'link')
    symlinkSync(out, link)
    const remarks = async (path: string) => (await inspectAny({ path })).remarks.join(' ')
    for (const path of [out, link]) expect(await remarks(path)).not.toContain('Left out')
    writeFileSync(join(out, 'notes.txt'), '')
    expect(await remarks(out)).toContain('Left out: notes.txt is no checkpoint.')
  })

  test('with none is refused in a sentence', async () => {
    const run = folder()
    writeFileSync(join(run, 'README.md'), 'words')
    const { library } = openLibrary()
    await expect(library.open(run)).rejects.toThrow(
      `${run} is a folder, but not the folder of a run, and no checkpoints lie directly in it.`
    )
    await expect(library.open(join(run, 'nowhere'))).rejects.toThrow('nowhere')
  })

  test('shows what was measured of each frame', async () => {
    const run = folder()
    for (const epoch of [1, 2]) writeEpoch(join(run, `${epoch}.safetensors`), `${epoch}`)
    const { library } = openLibrary()
    await library.open(run)
    const exits = [1, 2, 3, 4].map((exit) => ({ exit, accuracy: exit / 10, loss: 1 }))
    await library.evaluations.store(
      join(run, '1.safetensors'),
      { kind: 'dataset', name: 'fashion-mnist', split: 'test', limit: 50 },
      { exits, ensemble: { accuracy: 0.5, loss: 1 } } as never
    )
    const item = (await library.list()).find(({ path }) => path === run)!
    expect(item.frames![0]).toMatchObject({
      accuracies: [0.1, 0.2, 0.3, 0.4],
      ensembleAccuracy: 0.5,
      evaluatedOn: 'fashion-mnist test, 50 images'
    })
    expect(item.ensembleAccuracy).toBeNull()
  })

  test('is told by inspect: the last one, and all of them', async () => {
    const run = folder()
    for (const epoch of [1, 12]) writeEpoch(join(run, `${epoch}.safetensors`), `${epoch}`)
    writeFileSync(join(run, 'notes.txt'), '')
    const inspected = await inspectAny({ path: run })
    expect(inspected.frames!.map(({ path, label, epoch }) => [path, label, epoch])).toEqual([
      [join(run, '1.safetensors'), 'epoch 1', 1],
      [join(run, '12.safetensors'), 'epoch 12', 12]
    ])
    expect(inspected.notes).toContainEqual({ name: 'epoch', text: '12' })
    expect(inspected.remarks).toContain('Left out: notes.txt is no checkpoint.')
    expect((await inspectAny({ path: join(run, '1.safetensors') })).frames).toBeUndefined()
    // In the lab from what its library knows.
    const { timelineSources } = openLibrary().library
    const asked: string[] = []
    const describe = (path: string) => (asked.push(path), timelineSources.describe(path))
    expect(await inspectAny({ path: run }, { ...timelineSources, describe })).toEqual(inspected)
    expect(asked).toHaveLength(3)
  })
})
