import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { exportCheckpoint } from '../../../src-main/engine/calls/export-checkpoint.ts'
import { diffCheckpoints } from '../../../src-main/engine/calls/diff-checkpoints.ts'
import { inspect } from '../../../src-main/engine/calls/inspect.ts'
import { besidePath, readBeside, writeBeside } from '../../../src-main/engine/checkpoint/beside.ts'
import { openCheckpoint } from '../../../src-main/engine/checkpoint/checkpoint.ts'
import { samplesFolder } from '../../../src-main/engine/library/places.ts'
import { encodePytorch } from '../../../src-main/engine/checkpoint/pytorch/pytorch-encode.ts'
import { toFileTensors } from '../../../src-main/engine/checkpoint/safetensors/weights-file.ts'
import { readGolden } from '../golden/golden.ts'
import { UserError } from '../../../src-shared/errors.ts'
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

  test('what lies beside the folder stays as it is', async () => {
    const folder = temporaryFolder()
    const beside = join(folder, 'model.tmp')
    mkdirSync(beside)
    writeFileSync(join(beside, 'mine.txt'), 'mine')
    await exportCheckpoint({ path: golden, out: join(folder, 'model'), format: 'tfjs' })
    expect(readdirSync(folder).sort()).toEqual(['model', 'model.tmp'])
    expect(readdirSync(beside)).toEqual(['mine.txt'])
  })

  test('tensors that are no network are refused', async () => {
    const path = writeFile({ x: floats(1) })
    const work = exportCheckpoint({ path, out: join(temporaryFolder(), 'x'), format: 'tfjs' })
    await expect(work).rejects.toThrow(`${path} is not a network known here`)
  })
})

test('what was said of an older export does not hold for the one in its place', async () => {
  const [said, silent] = [join(temporaryFolder(), 'said.safetensors'), join(temporaryFolder(), 'silent.safetensors')]
  for (const path of [said, silent]) writeFileSync(path, readFileSync(golden))
  await writeBeside(said, { preprocessing: prepared })
  const out = join(temporaryFolder(), 'out.pth')
  await exportCheckpoint({ path: said, out })
  expect(await readBeside(out)).toMatchObject({ preprocessing: prepared })
  await exportCheckpoint({ path: silent, out })
  expect(existsSync(besidePath(out))).toBe(false)
  expect((await inspect({ path: out })).preprocessing).toBeNull()
})

describe('odd tensors', () => {
  test('counters that are no whole numbers are written as 0', async () => {
    const data = Float32Array.of(NaN, 2.5, -Infinity, 1e30, 7, -1)
    const weight = { shape: [6], data }
    expect(toFileTensors(new Map([['bn.num_batches_tracked', weight]])).get('bn.num_batches_tracked')?.data).toEqual(
      BigInt64Array.of(0n, 0n, 0n, 0n, 7n, -1n)
    )
    const path = writeFile({ 'bn.num_batches_tracked': floats(NaN), w: floats(1) })
    const out = join(temporaryFolder(), 'x.pth')
    await exportCheckpoint({ path, out })
    expect((await openCheckpoint(out)).weights.get('bn.num_batches_tracked')?.data).toEqual(Float32Array.of(0))
  })

  test('one called as the metadata of safetensors is refused there, and written elsewhere', async () => {
    const folder = temporaryFolder()
    const path = join(folder, 'odd.pth')
    writeFileSync(path, encodePytorch(new Map([['__metadata__', floats(1, 2)]])))
    await expect(exportCheckpoint({ path, out: join(folder, 'x.safetensors') })).rejects.toThrow(
      new UserError(
        `${path} has a tensor "__metadata__", a name that safetensors keeps for itself; export it as PyTorch instead.`
      )
    )
    await exportCheckpoint({ path, out: join(folder, 'x.pth') })
    expect([...(await openCheckpoint(join(folder, 'x.pth'))).weights.keys()]).toEqual(['__metadata__'])
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
