import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/choose.ts'
import { maskedCrc32c } from '../../../src-main/engine/curves/crc32c.ts'
import { thinCurve } from '../../../src-main/engine/curves/curve.ts'
import { findCurves } from '../../../src-main/engine/curves/find-curves.ts'
import { runProbe } from '../../../src-main/engine/probes/run-probe.ts'
import { formatReport, parseReport } from '../../../src-shared/report-file.ts'
import { readGolden } from '../golden/golden.ts'
import { temporaryFolder } from '../training/small-run.ts'

const events = fileURLToPath(
  new URL('../../fixtures/curves/runs/first/events.out.tfevents.1700000000.host.1.0', import.meta.url)
)
const expected = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../fixtures/curves/expected.json', import.meta.url)), 'utf8')
) as Record<string, [step: number, value: number | null, wallTime: number][]>

/** A folder with a checkpoint's place and the files given, by their path in it. */
function beside(files: Record<string, string | Uint8Array>): { folder: string; weights: string } {
  const folder = temporaryFolder()
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return { folder, weights: join(folder, 'net.safetensors') }
}
const csv = async (text: string | Uint8Array) => findCurves(beside({ 'log.csv': text }).weights)
const brief = ({ curves }: Awaited<ReturnType<typeof findCurves>>) =>
  curves.map(({ tag, unit, steps, values }) => ({ tag, unit, steps, values }))

describe('TensorBoard events', () => {
  test("give the scalars that TensorBoard itself reads, PyTorch's old and new style", async () => {
    const { curves, remarks } = await findCurves(
      beside({ 'runs/first/events.out.tfevents.1.h': readFileSync(events) }).weights
    )
    expect(remarks).toEqual([])
    expect(Object.fromEntries(curves.map(({ tag, ...curve }) => [tag, curve]))).toEqual(
      Object.fromEntries(
        Object.entries(expected).map(([tag, points]) => [
          tag,
          {
            file: join('runs', 'first', 'events.out.tfevents.1.h'),
            unit: 'step',
            steps: points.map(([step]) => step),
            values: points.map(([, value]) => value ?? NaN),
            wallTimes: points.map(([, , wallTime]) => wallTime)
          }
        ])
      )
    )
  })

  test('the check sum is that of the format', () => {
    // The CRC-32C of 123456789 is e3069283.
    const crc = 0xe3069283
    const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
    expect(maskedCrc32c(new TextEncoder().encode('123456789'))).toBe(masked)
  })

  const whole = readFileSync(events)
  const changed = (change: (bytes: Buffer) => void) => {
    const bytes = Buffer.from(whole)
    change(bytes)
    return bytes
  }
  const countOf = ({ curves }: Awaited<ReturnType<typeof findCurves>>) =>
    curves.reduce((sum, { values }) => sum + values.length, 0)
  const first = 16 + Number(whole.readBigUInt64LE(0))
  test.each([
    ['cut off in a record', whole.subarray(0, 5000), '@ is read to where it is cut off.'],
    ['cut off in a length', whole.subarray(0, first + 5), '@ is read to where it is cut off.'],
    [
      'a wrong length',
      changed((bytes) => bytes.writeUInt8(99, first)),
      `@ is read to where it is damaged at byte ${first}.`
    ],
    [
      'a length far beyond the file',
      changed((bytes) => {
        bytes.writeBigUInt64LE(2n ** 62n, first)
        bytes.writeUInt32LE(maskedCrc32c(bytes.subarray(first, first + 8)), first + 8)
      }),
      '@ is read to where it is cut off.'
    ]
  ])('%s', async (_, bytes, remark) => {
    const { folder, weights } = beside({ 'events.out.tfevents.1': bytes })
    const found = await findCurves(weights)
    expect(found.remarks.map((text) => text.replaceAll(join(folder, 'events.out.tfevents.1'), '@'))[0]).toBe(remark)
    expect(countOf(found)).toBeLessThan(161)
  })

  test('a record that does not fit its check sum is passed over, and what follows is read', async () => {
    const bytes = changed((copy) => void copy.writeUInt8(copy.readUInt8(first + 14) ^ 1, first + 14))
    expect(countOf(await findCurves(beside({ 'events.out.tfevents.1': bytes }).weights))).toBe(160)
  })

  test('whatever bytes are changed, it says something', async () => {
    const { weights, folder } = beside({})
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { minLength: 1, maxLength: 5 }),
        async (changes) => {
          const bytes = Buffer.from(whole.subarray(0, 3000))
          for (const [at, value] of changes) bytes[at] = value
          // Check sums are made right again, so that what lies inside is read.
          for (let at = 0; at + 12 < bytes.length;) {
            bytes.writeUInt32LE(maskedCrc32c(bytes.subarray(at, at + 8)), at + 8)
            const length = Number(bytes.readBigUInt64LE(at))
            if (at + 16 + length > bytes.length) break
            bytes.writeUInt32LE(maskedCrc32c(bytes.subarray(at + 12, at + 12 + length)), at + 12 + length)
            at += 16 + length
          }
          writeFileSync(join(folder, 'events.out.tfevents.1'), bytes)
          const { curves, remarks } = await findCurves(weights)
          expect(curves.length + remarks.length).toBeGreaterThan(0)
        }
      ),
      { numRuns: 200 }
    )
  })
})

describe('CSV logs', () => {
  test('columns by name, over epochs; empty cells, words and formulas are passed over', async () => {
    const text =
      'epoch,train_loss,val_acc,exit1_acc,name\n1,2.5,0.3,,resnet\n2,=1+1,0.4,nan,resnet\n3,1.5e0,45%,0.5,resnet\n'
    expect(brief(await csv(text))).toEqual([
      { tag: 'train_loss', unit: 'epoch', steps: [1, 3], values: [2.5, 1.5] },
      { tag: 'val_acc', unit: 'epoch', steps: [1, 2, 3], values: [0.3, 0.4, 45] },
      { tag: 'exit1_acc', unit: 'epoch', steps: [2, 3], values: [NaN, 0.5] }
    ])
  })

  test('a byte order mark, semicolons, decimal commas, quotes, carriage returns, rows out of order', async () => {
    const text = '\ufeff"Global step";"the; loss";epoch\r\n20;"1,25";1\r\n10;2,5;1\r\n'
    expect(brief(await csv(text))).toEqual([{ tag: 'the; loss', unit: 'step', steps: [10, 20], values: [2.5, 1.25] }])
  })

  test("TensorBoard's own download has wall times, and a column named twice is two curves", async () => {
    const { curves } = await csv('Wall time,Step,Value,Value\n1700000000.5,3,0.5,1\n')
    expect(curves).toEqual([
      { tag: 'Value', file: 'log.csv', unit: 'step', steps: [3], values: [0.5], wallTimes: [1700000000.5] },
      { tag: 'Value (2)', file: 'log.csv', unit: 'step', steps: [3], values: [1], wallTimes: [1700000000.5] }
    ])
  })

  test.each([
    ['many columns', `step,${'a,'.repeat(501)}\n`, 'has 503 columns, and is not read'],
    ['a million columns', `step,${'a,'.repeat(1e6)}\n`, 'has a first row of more than 64 KiB, and is not read'],
    ['no line at all', 'x'.repeat(70_000), 'has a first row of more than 64 KiB, and is not read']
  ])('%s', async (_, text, remark) => {
    const { folder, weights } = beside({ 'log.csv': text })
    const { curves, remarks } = await findCurves(weights)
    expect(curves).toEqual([])
    expect(remarks[0]).toBe(`${join(folder, 'log.csv')} ${remark}.`)
  })

  test.each([
    ['no steps', 'image,label\n1,2\n'],
    ['no rows', 'epoch,loss\n'],
    ['nothing', ''],
    ['bytes', Uint8Array.from({ length: 1000 }, (_, index) => (index * 37) & 255)],
    ['names that objects have', '__proto__,constructor\n1,2\n']
  ])('a table of %s is no log', async (_, text) => expect((await csv(text)).curves).toEqual([]))

  test('whatever it holds, it is read', async () => {
    const { weights, folder } = beside({})
    const part = fc.constantFrom(
      'epoch',
      ',',
      ';',
      '\n',
      '"',
      '1',
      '-2.5',
      'loss',
      '\r',
      '\t',
      'NaN',
      '1e999',
      ' ',
      '\u0000'
    )
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 40 }), async (parts) => {
        writeFileSync(join(folder, 'log.csv'), `epoch,loss\n${parts.join('')}`)
        const { curves } = await findCurves(weights)
        for (const { steps, values } of curves) expect(steps.length).toBe(values.length)
      }),
      { numRuns: 200 }
    )
  })
})

describe('where is looked', () => {
  test('in the folder, its logs and runs, and one level below; links are not followed', async () => {
    const outside = beside({ 'log.csv': 'step,outside\n1,1\n' }).folder
    const { folder, weights } = beside({
      'log.csv': 'step,here\n1,1\n',
      'logs/log.csv': 'step,logs\n1,1\n',
      'runs/a/log.csv': 'step,below\n1,1\n',
      'runs/a/b/log.csv': 'step,deep\n1,1\n',
      'others/log.csv': 'step,others\n1,1\n'
    })
    symlinkSync(join(outside, 'log.csv'), join(folder, 'linked.csv'))
    symlinkSync(outside, join(folder, 'runs', 'linked'))
    const { curves } = await findCurves(weights)
    expect(curves.map(({ tag, file }) => `${tag} ${file}`)).toEqual([
      'here log.csv',
      `logs ${join('logs', 'log.csv')}`,
      `below ${join('runs', 'a', 'log.csv')}`
    ])
  })

  test('no more than twenty logs are read, and that is said', async () => {
    const files = Object.fromEntries(Array.from({ length: 25 }, (_, i) => [`${i}.csv`, 'step,loss\n1,1\n']))
    const { folder, weights } = beside(files)
    const { curves, remarks } = await findCurves(weights)
    expect(curves).toHaveLength(20)
    expect(remarks).toEqual([`${folder} holds 25 logs; the first 20 are read.`])
  })
})

test('a long curve keeps its extremes, its ends, and where it broke off', () => {
  const count = 100_000
  const values = Array.from({ length: count }, (_, i) => Math.sin(i / 500))
  values[31_415] = 9
  values[27_182] = -9
  values[50_000] = NaN
  const steps = values.map((_, i) => i)
  const thin = thinCurve({ tag: 'loss', unit: 'step', steps, values, wallTimes: steps })
  expect(thin.steps.length).toBeLessThanOrEqual(2000)
  for (const at of [0, 31_415, 27_182, 50_000, count - 1]) expect(thin.steps).toContain(at)
  expect(thin.values).toEqual(thin.steps.map((step) => values[step]))
  expect(thin.wallTimes).toEqual(thin.steps)
  expect(thin.steps).toEqual(thin.steps.toSorted((a, b) => a - b))
})

describe('the history probe', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await openBackend()
  })
  const { weights: golden } = readGolden('bottleneck-resnet18-w8')

  test('gives the curves beside a checkpoint, and says of others where it looked', async () => {
    const { weights } = beside({ 'log.csv': 'epoch,loss\n1,2\n2,NaN\n', 'net.safetensors': readFileSync(golden) })
    const bare = beside({ 'net.safetensors': readFileSync(golden) })
    const report = await runProbe(backend, 'history', { checkpoints: [{ path: weights }, { path: bare.weights }] })
    const [first, second] = report.checkpoints
    expect(first).toMatchObject({
      method: 'unknown',
      exits: [1, 2, 3, 4],
      steps: [],
      epochs: [],
      curves: [{ tag: 'loss', unit: 'epoch', steps: [1, 2], values: [2, NaN] }]
    })
    const sentence = `No training curves lie beside net.safetensors: neither TensorBoard events nor a CSV log with steps or epochs was found in ${bare.folder}, nor in its folders logs, runs and lightning_logs.`
    expect(second).toMatchObject({ curves: [], remarks: [sentence] })
    expect(parseReport(formatReport(report), 'r.json')).toEqual(report)
  })
})
