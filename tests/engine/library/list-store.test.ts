import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { createListStore } from '../../../src-main/engine/library/list-store.ts'
import { withFileLock } from '../../../src-main/engine/library/file-lock.ts'
import { temporaryFolder } from '../training/small-run.ts'

const item = z.object({ key: z.string(), text: z.string() })

function openStore(path: string, mostBytes = 1000) {
  const warnings: string[] = []
  const store = createListStore<z.infer<typeof item>>({
    path,
    item,
    keyOf: ({ key }) => key,
    withinBounds: (items) => items.slice(-3),
    warn: (sentence) => warnings.push(sentence),
    mostBytes
  })
  const add = (key: string, text = '') => store.update((items) => void items.set(key, { key, text }))
  return { store, add, warnings }
}

test('a folder that is missing is made; what is too much is left out', async () => {
  const path = join(temporaryFolder(), 'new', 'list.json')
  const { store, add } = openStore(path)
  expect(await store.read()).toEqual(new Map())
  for (const key of ['a', 'b', 'c', 'd']) await add(key)
  expect([...(await store.read()).keys()]).toEqual(['b', 'c', 'd'])
})

test('what would be too large to be read again is refused, and the file stays', async () => {
  const path = join(temporaryFolder(), 'list.json')
  const { add, store } = openStore(path, 3 * 2 ** 20)
  await add('a', 'x'.repeat(2 * 2 ** 20))
  const before = readFileSync(path)
  await expect(add('b', 'x'.repeat(2 * 2 ** 20))).rejects.toThrow(
    `${path} would be larger than 3 MB; delete some notes.`
  )
  expect(readFileSync(path).equals(before)).toBe(true)
  expect([...(await store.read()).keys()]).toEqual(['a'])
})

test('a file that somebody made too large is set aside', async () => {
  const path = join(temporaryFolder(), 'list.json')
  writeFileSync(path, JSON.stringify({ version: 1, items: [{ key: 'a', text: 'x'.repeat(2000) }] }))
  const { add, store, warnings } = openStore(path)
  await add('b')
  expect([...(await store.read()).keys()]).toEqual(['b'])
  expect(warnings).toHaveLength(1)
})

test('a folder that cannot be made is one sentence', async () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  const path = join(file, 'list.json')
  await expect(openStore(path).add('a')).rejects.toThrow(
    `${path} cannot be reached: a part of the path is a file, not a folder.`
  )
})

test('a lock is freed whatever happens under it', async () => {
  const path = join(temporaryFolder(), 'list.json')
  const failing = withFileLock(path, () => Promise.reject(new Error('no')))
  const next = withFileLock(path, () => Promise.resolve(existsSync(`${path}.lock`)))
  await expect(failing).rejects.toThrow('no')
  expect(await next).toBe(true)
  expect(existsSync(`${path}.lock`)).toBe(false)
})
