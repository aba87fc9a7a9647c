import { describe, expect, test } from 'vitest'
import { diffCheckpoints } from '../../../src-main/engine/calls/diff-checkpoints.ts'
import { openCheckpoint } from '../../../src-main/engine/checkpoint/checkpoint.ts'
import { readGolden } from '../golden/golden.ts'
import { floats, writeFile } from './written-file.ts'

const bottleneck = readGolden('bottleneck-resnet18-w8').weights
const sepconv = readGolden('sepconv-resnet18-w8').weights

test('a file does not differ from itself', async () => {
  const { summary, tensors } = await diffCheckpoints({ a: bottleneck, b: bottleneck })
  expect(summary).toBe(`All ${tensors.length} tensors equal.`)
  expect(tensors.every(({ state, relative, maxAbs }) => state === 'equal' && relative === 0 && maxAbs === 0)).toBe(true)
})

test('two networks that differ in their heads and seeds: what only one has, and how far the rest went', async () => {
  const { summary, tensors } = await diffCheckpoints({ a: bottleneck, b: sepconv })
  const [one, other] = [(await openCheckpoint(bottleneck)).weights, (await openCheckpoint(sepconv)).weights]
  const namesOf = (state: string) => tensors.filter((row) => row.state === state).map(({ name }) => name)
  expect(namesOf('onlyInA')).toEqual([...one.keys()].filter((name) => !other.has(name)))
  expect(namesOf('onlyInB')).toEqual([...other.keys()].filter((name) => !one.has(name)))
  expect(namesOf('onlyInA').length).toBeGreaterThan(0)
  for (const { name, state, maxAbs, meanAbs, relative, cosine } of tensors) {
    if (state !== 'differs') continue
    const [a, b] = [one.get(name)!.data, other.get(name)!.data]
    const away = a.map((value, i) => value - b[i]!)
    const dot = a.reduce((sum, value, i) => sum + value * b[i]!, 0)
    expect(maxAbs).toBeCloseTo(Math.max(...away.map(Math.abs)), 6)
    expect(meanAbs).toBeCloseTo(away.reduce((sum, value) => sum + Math.abs(value), 0) / a.length, 6)
    if (Number.isFinite(relative)) expect(relative).toBeCloseTo(Math.hypot(...away) / Math.hypot(...a), 5)
    if (Number.isFinite(cosine)) expect(cosine).toBeCloseTo(dot / Math.hypot(...a) / Math.hypot(...b), 5)
  }
  expect(tensors.find(({ name }) => name === 'layer4.1.conv2.weight')).toMatchObject({ stage: 4, role: 'convolution' })
  expect(summary).toMatch(
    /^\d+ of \d+ tensors equal, \d+ only in the first, \d+ only in the second.*; the largest relative/
  )
})

describe('names, shapes and types', () => {
  test('wrappers are no difference', async () => {
    const a = writeFile({ 'module.x': floats(1, 2), 'module.y': floats(3) })
    const b = writeFile({ x: floats(1, 2), y: floats(3) })
    expect((await diffCheckpoints({ a, b })).summary).toBe('All 2 tensors equal.')
  })

  test('each kind of difference is told, and the sentence names the largest change', async () => {
    const bytes = (...values: number[]) => ({ dtype: 'U8', shape: [values.length], data: Uint8Array.from(values) })
    const a = writeFile({
      same: floats(1),
      far: floats(3, 4),
      near: floats(10),
      cut: floats(1, 2),
      gone: floats(1),
      t: floats(1)
    })
    const b = writeFile({
      same: floats(1),
      far: floats(3, 1),
      near: floats(11),
      cut: floats(1),
      come: floats(1),
      t: bytes(1)
    })
    const { summary, tensors } = await diffCheckpoints({ a, b })
    expect(Object.fromEntries(tensors.map(({ name, state }) => [name, state]))).toEqual({
      ...{
        same: 'equal',
        far: 'differs',
        near: 'differs',
        cut: 'shape',
        gone: 'onlyInA',
        come: 'onlyInB',
        t: 'differs'
      }
    })
    expect(tensors.at(-1)).toMatchObject({ name: 'come', a: null, b: { shape: [1] }, relative: NaN })
    expect(tensors.find(({ name }) => name === 't')).toMatchObject({
      relative: 0,
      a: { dtype: 'F32' },
      b: { dtype: 'U8' }
    })
    expect(summary).toBe(
      '1 of 7 tensors equal, 1 only in the first, 1 only in the second, 1 of another shape; the largest relative change 0.6 in far.'
    )
  })

  test('a change from zero is the largest there is', async () => {
    const a = writeFile({ x: floats(0), y: floats(1) })
    const b = writeFile({ x: floats(1), y: floats(9) })
    const { summary } = await diffCheckpoints({ a, b })
    expect(summary).toBe('0 of 2 tensors equal; the largest relative change from zero in x.')
  })
})

test('what cannot be opened is said of the right file', async () => {
  await expect(diffCheckpoints({ a: bottleneck, b: '/nowhere/b.pth' })).rejects.toThrow(
    '/nowhere/b.pth does not exist.'
  )
  const controller = new AbortController()
  controller.abort()
  await expect(diffCheckpoints({ a: bottleneck, b: sepconv }, { signal: controller.signal })).rejects.toThrow(
    'Cancelled'
  )
})
