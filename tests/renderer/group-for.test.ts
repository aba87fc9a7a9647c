import { expect, test } from 'vitest'
import { groupFor } from '../../src-renderer/session.svelte.ts'
import { makeItem } from './items.ts'

const file = (path: string, role = 'unknown') =>
  makeItem({ path, name: 'checkpoint', group: 'checkpoint', role, source: 'file' })
const taken = [{ name: 'checkpoint', ids: ['a'] }]

test('files of others that are called alike are subjects of their own', () => {
  const item = file('/data/exp-b/checkpoint.pth')
  expect(groupFor(item, [])).toBe('checkpoint')
  expect(groupFor(item, taken)).toBe('exp-b/checkpoint')
  expect(groupFor(item, [...taken, { name: 'exp-b/checkpoint', ids: ['b'] }])).toBe('exp-b/checkpoint 2')
  expect(groupFor(file('C:\\data\\exp-c\\checkpoint.pth'), taken)).toBe('exp-c/checkpoint')
})

test('runs of the lab that differ in their seed stay one', () => {
  expect(groupFor(file('/lab/checkpoint.safetensors', 'baseline'), taken)).toBe('checkpoint')
})
