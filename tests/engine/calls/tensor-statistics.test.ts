import { expect, test } from 'vitest'
import { statisticsProgress, type TensorStatisticsRow } from '../../../src-shared/contract.ts'
import { tensorStatistics } from '../../../src-main/engine/calls/tensor-statistics.ts'
import { tellingRows } from '../../../src-main/engine/calls/told-in-batches.ts'
import { openCheckpoint } from '../../../src-main/engine/checkpoint/checkpoint.ts'
import { readGolden } from '../golden/golden.ts'
import { floats, writeFile } from './written-file.ts'

test('every tensor of a known network has its numbers and its place', async () => {
  const { weights: path } = readGolden('bottleneck-resnet18-w8')
  const { tensors } = await tensorStatistics({ path })
  const { weights } = await openCheckpoint(path)
  expect(tensors.map(({ name }) => name)).toEqual([...weights.keys()])
  for (const row of tensors) {
    const { data } = weights.get(row.name)!
    expect(row.count).toBe(data.length)
    expect(row.norm).toBeCloseTo(Math.hypot(...data), 6)
    expect(row.mean).toBeCloseTo(data.reduce((sum, value) => sum + value, 0) / data.length, 6)
    expect(row.histogram.counts.reduce((sum, n) => sum + n, 0)).toBe(data.length)
  }
  const of = (name: string) => tensors.find((row) => row.name === name)
  expect(of('conv1.weight')).toMatchObject({ stage: 0, part: 'backbone', role: 'convolution', shape: [8, 3, 3, 3] })
  expect(of('middle_fc2.weight')).toMatchObject({ stage: 2, part: 'head', role: 'linear' })
})

test('a file that is no network is measured all the same, its places unknown', async () => {
  const path = writeFile({
    a: floats(3, -4),
    bytes: { dtype: 'U8', shape: [2, 2], data: Uint8Array.of(0, 0, 2, 2) },
    steps: { dtype: 'I64', shape: [], data: BigInt64Array.of(5n) },
    empty: { dtype: 'F32', shape: [0, 3], data: new Float32Array() }
  })
  const { tensors } = await tensorStatistics({ path })
  const rows = new Map(tensors.map((row) => [row.name, row]))
  expect(rows.get('a')).toMatchObject({ norm: 5, count: 2, dtype: 'F32' })
  expect(rows.get('a')).not.toHaveProperty('stage')
  expect(rows.get('bytes')).toMatchObject({ mean: 1, zeroFraction: 0.5, shape: [2, 2] })
  expect(rows.get('steps')).toMatchObject({ mean: 5, count: 1, shape: [] })
  expect(rows.get('empty')).toMatchObject({ mean: NaN, count: 0, nonFinite: 0 })
})

test('rows are told as they come, all of them once, in what a window takes', async () => {
  const path = writeFile(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`t${i}`, floats(i, NaN)])))
  const told: TensorStatisticsRow[] = []
  let messages = 0
  const tell = (value: { fraction: number; tensors: TensorStatisticsRow[] }) => {
    messages++
    told.push(...statisticsProgress.parse(value).tensors)
  }
  const { tensors } = await tensorStatistics({ path }, tellingRows(tell))
  expect(told).toEqual(tensors)
  expect(messages).toBeGreaterThan(2)
})

test('others get their turn during large tensors, and an abort ends it', async () => {
  const data = new Float32Array(4_000_000).fill(0.5)
  const path = writeFile({ large: { dtype: 'F32', shape: [2000, 2000], data } })
  const controller = new AbortController()
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  const fractions: number[] = []
  await tensorStatistics({ path }, { onProgress: ({ fraction }) => fractions.push(fraction) })
  clearInterval(timer)
  expect(turns).toBeGreaterThan(1)
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b))
  expect(fractions.at(-1)).toBe(1)
  setTimeout(() => controller.abort(), 0)
  const cancelled = tensorStatistics({ path }, { signal: controller.signal })
  await expect(cancelled).rejects.toThrow('Cancelled')
})
