import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { engineCalls } from '../../../src-shared/contract.ts'
import { inspect } from '../../../src-main/engine/calls/inspect.ts'
import { setPreprocessing } from '../../../src-main/engine/preprocessing/set.ts'
import { samplesFolder } from '../../../src-main/engine/library/places.ts'
import { temporaryFolder } from '../training/small-run.ts'
import { floats, writeFile } from './written-file.ts'

test('a known network is told with its stages, and its tensors with their places', async () => {
  const found = await inspect({ path: join(samplesFolder, 'noisy-self-distillation-0.safetensors') })
  expect(engineCalls.inspect.result.parse(found)).toEqual(found)
  expect(found.misfit).toBeNull()
  expect(found.stem).not.toBeNull()
  expect(found.stages).toHaveLength(4)
  const whole = found.stages.reduce((sum, { parameters }) => sum + parameters, found.stem!.parameters)
  expect(whole).toBeLessThan(found.parameters)
  expect(found.tensors.find(({ name }) => name === 'layer2.0.conv1.weight')).toMatchObject({
    stage: 2,
    part: 'backbone'
  })
  // Fashion-MNIST.
  expect(found.preprocessing?.size).toBe(found.inputSize)
  expect(found.classNames).toContain('Sandal')
})

test('a file that is no network known here says why, and what it says of itself', async () => {
  const metadata = new Map([
    ['epoch', '12'],
    ['autodidact.origin', '{}'],
    ['story', 'x'.repeat(10_000)]
  ])
  const path = writeFile({ 'encoder.w': floats(1), 'encoder.b': floats(2) }, metadata)
  const found = await inspect({ path })
  expect(found).toMatchObject({
    format: 'safetensors',
    family: 'unknown',
    classes: 0,
    exits: [],
    stages: [],
    stem: null
  })
  expect(found.misfit).toContain('"encoder.')
  expect(found.notes.map(({ name }) => name)).toEqual(['epoch', 'story'])
  expect(found.notes[1]!.text.length).toBeLessThan(5000)
  expect(found.tensors.map(({ name }) => name).sort()).toEqual(['encoder.b', 'encoder.w'])
})

test('no weights are read: of a file larger than any memory the header is enough', async ({ skip }) => {
  const bytes = 2 ** 40
  const header = JSON.stringify({ large: { dtype: 'F32', shape: [bytes / 4], data_offsets: [0, bytes] } })
  const start = Buffer.alloc(8 + header.length)
  start.writeBigUInt64LE(BigInt(header.length))
  start.write(header, 8)
  const path = join(temporaryFolder(), 'large.safetensors')
  writeFileSync(path, start)
  try {
    truncateSync(path, start.length + bytes)
  } catch {
    skip()
  }
  expect((await inspect({ path })).tensors).toEqual([{ name: 'large', shape: [bytes / 4], dtype: 'F32' }])
  await expect(setPreprocessing({ path, preprocessing: null })).rejects.toThrow(`${path} is not a network known here`)
})
