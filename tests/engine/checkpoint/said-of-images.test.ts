import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { besidePath } from '../../../src-main/engine/checkpoint/beside.ts'
import { factsOf } from '../../../src-main/engine/checkpoint/checkpoint.ts'
import { originKey } from '../../../src-main/engine/checkpoint/origin.ts'
import { encodeSafetensors, readSafetensors } from '../../../src-main/engine/checkpoint/safetensors/safetensors-file.ts'
import { requireFit } from '../../../src-main/engine/evaluation/subject.ts'
import { samplesFolder } from '../../../src-main/engine/library/places.ts'
import { findPreprocessing } from '../../../src-main/engine/preprocessing/set.ts'
import { temporaryFolder } from '../training/small-run.ts'

const { tensors, metadata } = await readSafetensors(join(samplesFolder, 'clean-baseline-0.safetensors'))
const own = JSON.parse(metadata.get(originKey)!) as { preprocessing: object; method: string; network?: unknown }

/** The sample, with an origin changed. */
function write(change: object = {}): string {
  const path = join(temporaryFolder(), 'net.safetensors')
  writeFileSync(path, encodeSafetensors(tensors, new Map([[originKey, JSON.stringify({ ...own, ...change })]])))
  return path
}

test.each<[string, unknown]>([
  ['is huge', { size: 1_000_000, mean: [0.5], deviation: [0.5] }],
  ['is empty', { size: -8, mean: [], deviation: [] }],
  ['has fewer deviations than means', { size: 32, mean: [0.1, 0.2], deviation: [1] }],
  ['is for other channels', { size: 32, mean: [0.1, 0.2, 0.3], deviation: [1, 1, 1] }],
  ['is of a side that does not go', { size: 30, mean: [0.5], deviation: [0.5] }],
  ['is no preprocessing', 'none'],
  ['is missing', undefined]
])('an origin whose preprocessing %s says nothing of images, and the rest of it holds', async (_, preprocessing) => {
  for (const network of [own.network, undefined]) {
    const path = write({ preprocessing, network })
    const facts = await factsOf(path)
    expect(facts).toMatchObject({ preprocessing: null, preprocessingSource: null, misfit: null, remarks: [] })
    expect(facts.network?.classes).toBe(10)
    expect(facts.origin?.method).toBe(own.method)
    expect((await findPreprocessing({ path, data: 'fashion-mnist' })).source).toBe('guessed')
    const data = { kind: 'dataset', name: 'fashion-mnist', split: 'test', limit: 8 } as const
    await requireFit([{ path }], data, { takesOutputs: false })
  }
})

test.each([
  [
    { size: 32, mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] },
    'FILE takes 1 channel, but the mean has 3 numbers.'
  ],
  [{ size: 32, mean: [0.5], deviation: [0.5, 0.5] }, 'FILE takes 1 channel, but the deviation has 2 numbers.'],
  [{ size: 30, mean: [0.5], deviation: [0.5] }, 'The side of the images must be a multiple of 8 for FILE, not 30.']
])('a note beside that does not fit the network counts as none, and that is told: %j', async (preprocessing, why) => {
  const path = write()
  const classes = Array.from({ length: 10 }, (_, index) => `c${index}`)
  writeFileSync(besidePath(path), JSON.stringify({ schemaVersion: 1, preprocessing, classes }))
  const sentence = why.replace('FILE', path)
  expect(await factsOf(path)).toMatchObject({
    ...{ preprocessing: own.preprocessing, preprocessingSource: 'file', classes },
    remarks: [`How images are prepared was not taken from ${besidePath(path)}: ${sentence}`]
  })
})

test('of a file of no known network the lengths must agree', async () => {
  const path = join(temporaryFolder(), 'odd.safetensors')
  writeFileSync(path, encodeSafetensors(new Map([['x', { dtype: 'F32', shape: [1], data: Float32Array.of(1) }]])))
  const write = (preprocessing: object) =>
    writeFileSync(besidePath(path), JSON.stringify({ schemaVersion: 1, preprocessing, classes: null }))
  write({ size: 30, mean: [0, 0], deviation: [1, 1] })
  expect(await factsOf(path)).toMatchObject({ preprocessingSource: 'said', remarks: [] })
  write({ size: 30, mean: [0, 0], deviation: [1] })
  expect((await factsOf(path)).remarks).toEqual([
    `How images are prepared was not taken from ${besidePath(path)}: ${path} takes 2 channels, but the deviation has 1 number.`
  ])
})
