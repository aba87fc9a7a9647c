import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exportCheckpoint } from '../../../src-main/engine/calls/export-checkpoint.ts'
import { diffCheckpoints } from '../../../src-main/engine/calls/diff-checkpoints.ts'
import { inspect } from '../../../src-main/engine/calls/inspect.ts'
import { besidePath, readBeside, writeBeside } from '../../../src-main/engine/checkpoint/beside.ts'
import { openCheckpoint } from '../../../src-main/engine/checkpoint/checkpoint.ts'
import { samplesFolder } from '../../../src-main/engine/library/places.ts'
import { readGolden } from '../golden/golden.ts'
import { temporaryFolder } from '../training/small-run.ts'
import { floats, writeFile } from './written-file.ts'

const golden = readGolden('bottleneck-resnet18-w8').weights
const sample = join(samplesFolder, 'noisy-self-distillation-0.safetensors')
const prepared = { size: 32, mean: [0.4, 0.5, 0.6], deviation: [0.2, 0.2, 0.3] }

describe.each(['out.safetensors', 'out.pth', 'out.pt'])('as %s', (name) => {
  test('all tensors come back as they were, and the network is the same', async () => {
    const out = join(temporaryFolder(), name)
    const result = await exportCheckpoint({ path: golden, out })
    expect(result).toEqual({ out, bytes: readFileSync(out).length })
    const before = await openCheckpoint(golden)
    const after = await openCheckpoint(out)
    for (const [tensor, weight] of before.weights) expect(after.weights.get(tensor)).toEqual(weight)
    expect(after.network).toEqual(before.network)
    const { tensors } = await diffCheckpoints({ a: golden, b: out })
    expect(tensors.filter(({ state }) => state !== 'equal' && state !== 'onlyInB')).toEqual([])
  })

  test('what is known of its images and classes goes along', async () => {
    const out = join(temporaryFolder(), name)
    await exportCheckpoint({ path: sample, out })
    const [before, after] = [await inspect({ path: sample }), await inspect({ path: out })]
    expect(after).toMatchObject({ preprocessing: before.preprocessing, classNames: before.classNames })
    expect(after.classNames).toHaveLength(10)
    // The metadata of safetensors says it.
    expect(existsSync(besidePath(out))).toBe(!name.endsWith('.safetensors'))
  })

  test('so does what somebody said of a file', async () => {
    const source = join(temporaryFolder(), 'source.safetensors')
    writeFileSync(source, readFileSync(golden))
    await writeBeside(source, { preprocessing: prepared, classes: ['cat', 'dog'] })
    const out = join(temporaryFolder(), name)
    await exportCheckpoint({ path: source, out })
    expect(await readBeside(out)).toMatchObject({ preprocessing: prepared, classes: ['cat', 'dog'] })
  })
})

describe('for tfjs', () => {
  test('a folder that opens as the network, with what is known of its images', async () => {
    const out = join(temporaryFolder(), 'model')
    const { bytes } = await exportCheckpoint({ path: sample, out, format: 'tfjs' })
    const files = readdirSync(out)
    expect(files).toContain('model.json')
    expect(files.reduce((sum, file) => sum + readFileSync(join(out, file)).length, 0)).toBe(bytes)
    const found = await inspect({ path: join(out, 'model.json') })
    expect(found).toMatchObject({ format: 'tfjs', misfit: null, classes: 10, inputChannels: 1 })
    expect(found.exits).toHaveLength(4)
    expect(found.classNames).toHaveLength(10)
  })

  test('or one archive of it', async () => {
    const out = join(temporaryFolder(), 'model.zip')
    await exportCheckpoint({ path: golden, out })
    expect(readFileSync(out).includes(Buffer.from('model.json'))).toBe(true)
  })

  test('an empty folder is taken, one with something in it is not', async () => {
    const folder = temporaryFolder()
    const [empty, full] = [join(folder, 'empty'), join(folder, 'full')]
    for (const one of [empty, full]) mkdirSync(one)
    writeFileSync(join(full, 'mine.txt'), 'mine')
    await exportCheckpoint({ path: golden, out: empty, format: 'tfjs' })
    expect(readdirSync(empty)).toContain('model.json')
    await expect(exportCheckpoint({ path: golden, out: full, format: 'tfjs' })).rejects.toThrow(
      `${full} is a folder that is not empty; choose a new folder.`
    )
    expect(readdirSync(full)).toEqual(['mine.txt'])
    const file = join(full, 'mine.txt')
    await expect(exportCheckpoint({ path: golden, out: file, format: 'tfjs' })).rejects.toThrow(
      `${file} is a file; choose a new folder.`
    )
  })

  test('tensors that are no network are refused', async () => {
    const path = writeFile({ x: floats(1) })
    const work = exportCheckpoint({ path, out: join(temporaryFolder(), 'x'), format: 'tfjs' })
    await expect(work).rejects.toThrow(`${path} is not a network known here`)
  })
})

describe('names and formats', () => {
  test('in a folder the file is called as the checkpoint is', async () => {
    const folder = temporaryFolder()
    await exportCheckpoint({ path: sample, out: folder })
    await exportCheckpoint({ path: sample, out: folder, format: 'pytorch' })
    const found = readdirSync(folder).filter((name) => !name.endsWith('.json'))
    expect(found.sort()).toEqual(['noisy-self-distillation-0.pth', 'noisy-self-distillation-0.safetensors'])
  })

  test('a name for one format and a wish for another are refused', async () => {
    const out = join(temporaryFolder(), 'x.pth')
    await expect(exportCheckpoint({ path: golden, out, format: 'safetensors' })).rejects.toThrow(
      `${out} is a name for pytorch, not for safetensors; choose another name or format.`
    )
  })

  test('tensors that are no network keep their names', async () => {
    const path = writeFile({ b: floats(1, 2), a: floats(3) })
    const out = join(temporaryFolder(), 'x.pth')
    await exportCheckpoint({ path, out })
    const { weights } = await openCheckpoint(out)
    expect(Object.fromEntries([...weights].map(([name, { data }]) => [name, [...data]]))).toEqual({ a: [3], b: [1, 2] })
  })
})
