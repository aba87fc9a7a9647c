import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { samplesFolder } from '../../../src-main/engine/library/places.ts'
import { setPreprocessing } from '../../../src-main/engine/preprocessing/set.ts'
import { createResults } from '../../../src-main/engine/results/results.ts'
import { resultKey } from '../../../src-main/engine/results/result-key.ts'
import { parseReport } from '../../../src-shared/report-file.ts'
import type { ProbeReport } from '../../../src-shared/reports.ts'
import { openLibrary } from '../library/lab-home.ts'
import { temporaryFolder } from '../training/small-run.ts'

const half = { size: 32, mean: [0.5], deviation: [0.5] }
const data = { kind: 'dataset', name: 'fashion-mnist', split: 'test', limit: 100 } as const
const shipped = parseReport(
  readFileSync(join(samplesFolder, 'clean-discriminativeness.json'), 'utf8'),
  'x'
) as ProbeReport<'discriminativeness'>
const copyOfSample = (): string => {
  const path = join(temporaryFolder(), 'net.safetensors')
  copyFileSync(join(samplesFolder, 'clean-baseline-0.safetensors'), path)
  return path
}

test('reports measured otherwise are missing, not stale; they come back with their preprocessing', async () => {
  const path = copyOfSample()
  const { home, library } = openLibrary()
  await library.open(path)
  const results = createResults({ home, library, samples: temporaryFolder(), warn: () => undefined })
  const entry = { ...shipped.checkpoints[0]!, path }
  const report = { ...shipped, checkpoints: [{ ...entry, count: 1 }] }
  await results.store(report)
  const { checkpoints: _, ...settings } = report.request
  const find = () => results.find({ kind: 'discriminativeness', checkpoints: [{ path }], settings })
  const has = async () => (await results.has({ kind: 'discriminativeness', paths: [path], settings })).has[0]
  expect((await find()).report?.checkpoints).toMatchObject([{ count: 1 }])
  expect(await has()).toBe(true)

  await setPreprocessing({ path, preprocessing: half })
  expect(await find()).toMatchObject({ report: null, missing: [path] })
  expect(await has()).toBe(false)

  await results.store({ ...shipped, checkpoints: [{ ...entry, count: 2, preprocessing: half }] })
  expect((await find()).report?.checkpoints).toMatchObject([{ count: 2, preprocessing: half }])

  await setPreprocessing({ path, preprocessing: null })
  expect((await find()).report?.checkpoints).toMatchObject([{ count: 1 }])
})

test('accuracies of the library likewise', async () => {
  const path = copyOfSample()
  const { library } = openLibrary()
  const { id } = await library.open(path)
  const accuracies = async () =>
    (await library.list()).find((item) => item.id === id)?.exits.map(({ accuracy }) => accuracy)
  const result = (accuracy: number) => ({
    exits: [{ exit: 4, accuracy, loss: 1 }],
    ensemble: { accuracy, loss: 1 }
  })
  await library.evaluations.store(path, data, result(0.9))
  expect(await accuracies()).toEqual([0.9])
  await setPreprocessing({ path, preprocessing: half })
  expect(await accuracies()).toEqual([null])
  // One that was under way meanwhile is filed under what it was measured with.
  await library.evaluations.store(path, data, result(0.8))
  expect(await accuracies()).toEqual([null])
  await library.evaluations.store(path, data, { ...result(0.5), preprocessing: half })
  expect(await accuracies()).toEqual([0.5])
  await setPreprocessing({ path, preprocessing: null })
  expect(await accuracies()).toEqual([0.8])
})

test('the key is the hash, until somebody says something; and takes in every part of it', () => {
  const hash = 'a'.repeat(64)
  expect(resultKey(hash, {})).toBe(hash)
  const keys = [
    half,
    { ...half, size: 40 },
    { ...half, mean: [0.4] },
    { ...half, deviation: [0.4] },
    { ...half, fit: 'resize' as const },
    { ...half, channelOrder: 'bgr' as const }
  ].map((said) => resultKey(hash, { preprocessing: said }))
  const named = [{ architecture: 'a' }, { architecture: 'b' }, { preprocessing: half, architecture: 'a' }]
  expect(new Set([hash, ...keys, ...named.map((said) => resultKey(hash, said))]).size).toBe(10)
  expect(resultKey(hash, { preprocessing: { ...half, fit: 'pad', channelOrder: 'rgb' } })).toBe(keys[0])
})
