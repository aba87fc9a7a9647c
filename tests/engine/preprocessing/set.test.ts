import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { describeCheckpoint } from '../../../src-main/engine/checkpoint/checkpoint.ts'
import { datasetHome, useDatasetsOf } from '../../../src-main/engine/data/dataset-home.ts'
import { samplesFolder } from '../../../src-main/engine/library/places.ts'
import { findPreprocessing, setPreprocessing } from '../../../src-main/engine/preprocessing/set.ts'
import { writeRun } from '../library/lab-home.ts'
import { temporaryFolder } from '../training/small-run.ts'

const sample = join(samplesFolder, 'clean-baseline-0.safetensors')
const half = { size: 32, mean: [0.5], deviation: [0.5] }
const before = datasetHome()
beforeEach(() => useDatasetsOf(temporaryFolder()))
afterAll(() => useDatasetsOf(before))

function copyTo(name: string): string {
  const path = join(temporaryFolder(), name)
  copyFileSync(sample, path)
  return path
}

describe('what is said of a file', () => {
  test('is kept beside it, used from then on, and taken back', async () => {
    const path = copyTo('net.safetensors')
    const bytes = readFileSync(path)
    const own = await describeCheckpoint(path)
    expect(own.preprocessingSource).toBe('file')
    expect(await setPreprocessing({ path, preprocessing: half })).toEqual({
      path: `${path}.autodidact.json`,
      isInLab: false
    })
    expect(await describeCheckpoint(path)).toMatchObject({ preprocessing: half, preprocessingSource: 'said' })
    expect(await findPreprocessing({ path, data: 'fashion-mnist' })).toMatchObject({
      source: 'said',
      label: '0.5 and 0.5'
    })
    expect(readFileSync(path)).toEqual(bytes)
    const classes = Array.from({ length: 10 }, (_, index) => `c${index}`)
    await setPreprocessing({ path, classes })
    expect(await describeCheckpoint(path)).toMatchObject({ preprocessing: half, classes })
    await setPreprocessing({ path, preprocessing: null })
    expect(await describeCheckpoint(path)).toMatchObject({ preprocessingSource: 'file', classes })
  })

  test('the same as the file says is nobody’s word', async () => {
    const path = copyTo('net.safetensors')
    const { preprocessing } = await describeCheckpoint(path)
    await setPreprocessing({ path, preprocessing })
    expect((await describeCheckpoint(path)).preprocessingSource).toBe('file')
  })

  test('holds for this lab where the folder takes no such file', async () => {
    // Its own name fits, the one beside it is too long for any file system.
    const path = copyTo(`${'n'.repeat(240)}.pth`)
    const written = await setPreprocessing({ path, preprocessing: half })
    expect(written.isInLab).toBe(true)
    expect(written.path.startsWith(join(datasetHome(), 'checkpoints'))).toBe(true)
    expect(await describeCheckpoint(path)).toMatchObject({ preprocessing: half, preprocessingSource: 'said' })
  })

  test('a damaged note, or a folder in its place, counts as none', async () => {
    const path = copyTo('net.safetensors')
    for (const text of [
      '{',
      '[]',
      '{"schemaVersion":2}',
      '{"schemaVersion":1,"preprocessing":{"size":1e9},"classes":null}'
    ]) {
      writeFileSync(`${path}.autodidact.json`, text)
      expect((await describeCheckpoint(path)).preprocessingSource).toBe('file')
    }
    const other = copyTo('other.safetensors')
    mkdirSync(`${other}.autodidact.json`)
    expect((await describeCheckpoint(other)).preprocessingSource).toBe('file')
  })
})

describe('what does not fit is refused in a sentence', () => {
  test.each([
    [{ ...half, mean: [0.5, 0.5, 0.5] }, /takes 1 channel, but the mean has 3 numbers\.$/],
    [{ ...half, deviation: [1, 1] }, /takes 1 channel, but the deviation has 2 numbers\.$/],
    [{ ...half, size: 30 }, /must be a multiple of 8 for .*, not 30\.$/]
  ])('%j', async (preprocessing, sentence) => {
    const path = copyTo('net.safetensors')
    await expect(setPreprocessing({ path, preprocessing })).rejects.toThrow(sentence)
    expect(existsSync(`${path}.autodidact.json`)).toBe(false)
  })

  test('as many names as classes', async () => {
    const path = copyTo('net.safetensors')
    await expect(setPreprocessing({ path, classes: ['a'] })).rejects.toThrow(
      `${path} has 10 classes, but 1 names were given.`
    )
  })

  test('a run of the lab knows itself', async () => {
    const path = join(temporaryFolder(), 'run')
    await writeRun(path)
    await expect(setPreprocessing({ path, preprocessing: half })).rejects.toThrow(
      `${path} is a run of the lab: it keeps itself how its images are prepared.`
    )
  })
})
