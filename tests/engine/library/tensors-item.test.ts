import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { encodeSafetensors } from '../../../src-main/engine/checkpoint/safetensors/safetensors-file.ts'
import { isMeasurable } from '../../../src-shared/library.ts'
import { temporaryFolder } from '../training/small-run.ts'
import { openLibrary } from './lab-home.ts'

test('a file whose tensors are no network known here opens as a list of tensors', async () => {
  const path = join(temporaryFolder(), 'odd.safetensors')
  const tensors = new Map([['table', { shape: [2, 3], dtype: 'F32', data: new Float32Array(6) }]])
  writeFileSync(path, encodeSafetensors(tensors as never, new Map()))
  const { library } = openLibrary()
  const item = await library.open(path)
  expect(item).toMatchObject({ state: 'tensors', name: 'odd', network: '', exits: [] })
  expect(item.problem.startsWith(`${path} `)).toBe(true)
  expect(item.problem).toContain('"table"')
  expect(item.hash).toMatch(/^[0-9a-f]{64}$/)
  expect(isMeasurable(item)).toBe(false)
  expect((await library.list()).find(({ id }) => id === item.id)).toEqual(item)
})

test('a file that holds nothing is refused, and leaves nothing in the library', async () => {
  const path = join(temporaryFolder(), 'damaged.safetensors')
  writeFileSync(path, 'nothing')
  const { library } = openLibrary()
  const before = (await library.list()).length
  await expect(library.open(path)).rejects.toThrow(path)
  expect(await library.list()).toHaveLength(before)
})
