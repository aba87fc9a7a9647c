import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeFiles, readFiles } from '../../../../src-main/engine/data/read-dataset.ts'
import { UserError } from '../../../../src-shared/errors.ts'
import { encodeIdx, writeTinyDataset } from '../idx-fixtures.ts'
import { temporaryFolder } from '../../training/small-run.ts'
import { usual, witness, writeFiles } from './written.ts'

const read = (path: string) => readFile(join(witness, path))

/** Copies of what is committed, with the file of each that is to be damaged. */
const subjects: [string, () => Promise<{ path: string; file: string }>][] = [
  [
    'IDX',
    async () => {
      const folder = await writeTinyDataset(temporaryFolder(), { trainImages: null })
      const file = join(folder, 'train-images-idx3-ubyte')
      await writeFile(file, encodeIdx([6, 2, 2], Array<number>(24).fill(9)))
      return { path: folder, file }
    }
  ],
  [
    'CIFAR binary',
    async () => {
      const folder = await writeFiles(temporaryFolder(), {
        'data_batch_1.bin': new Uint8Array(3073),
        'test_batch.bin': new Uint8Array(3073)
      })
      return { path: folder, file: join(folder, 'data_batch_1.bin') }
    }
  ],
  [
    'CIFAR Python',
    async () => {
      const names = ['data_batch_1', 'test_batch', 'batches.meta']
      const files = await Promise.all(
        names.map(async (name) => [name, await read(`cifar-10-batches-py/${name}`)] as const)
      )
      const folder = await writeFiles(temporaryFolder(), Object.fromEntries(files))
      return { path: folder, file: join(folder, 'test_batch') }
    }
  ],
  [
    "CIFAR's names",
    async () => {
      const names = ['train', 'test', 'meta']
      const files = await Promise.all(
        names.map(async (name) => [name, await read(`cifar-100-python/${name}`)] as const)
      )
      const folder = await writeFiles(temporaryFolder(), Object.fromEntries(files))
      return { path: folder, file: join(folder, 'meta') }
    }
  ],
  ...['stored', 'deflated'].map((name): (typeof subjects)[number] => [
    `${name} arrays`,
    async () => {
      const folder = await writeFiles(temporaryFolder(), { 'a.npz': await read(`${name}.npz`) })
      return { path: join(folder, 'a.npz'), file: join(folder, 'a.npz') }
    }
  ]),
  ...['palette.png', 'alpha.png', 'colour.jpg', 'progressive.jpeg'].map((name): (typeof subjects)[number] => [
    name,
    async () => {
      const folder = await writeFiles(temporaryFolder(), {
        [`a/${name}`]: await read(`images/${name}`),
        'a/z.png': await read('images/small.png')
      })
      return { path: folder, file: join(folder, 'a', name) }
    }
  ])
]

/** Where a file is damaged: some bytes are changed, most of them near its beginning, and it may be cut. */
const damage = fc.record({
  flips: fc.array(
    fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 255 }), fc.boolean()),
    { maxLength: 4 }
  ),
  keep: fc.oneof(
    { weight: 3, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) }
  )
})

describe('500 damaged files are read, or refused in a sentence', () => {
  test.each(subjects)('%s', async (_, prepare) => {
    const { path, file } = await prepare()
    const whole = await readFile(file)
    await readFiles(path, { ...usual, size: 8 })
    const refused = { count: 0 }
    await fc.assert(
      fc.asyncProperty(damage, async ({ flips, keep }) => {
        const bytes = Buffer.from(whole.subarray(0, Math.round(keep * whole.length)))
        for (const [at, change, isEarly] of flips)
          if (bytes.length > 0)
            bytes[Math.floor(at * (Math.min(bytes.length, isEarly ? 200 : Infinity) - 1))]! ^= change
        await writeFile(file, bytes)
        for (const attempt of [describeFiles, readFiles])
          await attempt(path, { ...usual, size: 8 }).catch((error: unknown) => {
            expect(error).toBeInstanceOf(UserError)
            expect((error as Error).message).toMatch(/^[^\n]+\.$/)
            refused.count++
          })
      }),
      { numRuns: 500, seed: 7 }
    )
    expect(refused.count).toBeGreaterThan(100)
  })
})
