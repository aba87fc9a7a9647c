import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { parseReport } from '../../src-shared/report-file.ts'
import { probeKinds, type AnyReport, type ProbeKind, type ProbeReport } from '../../src-shared/reports.ts'
import { readGolden } from '../engine/golden/golden.ts'
import { jsonOf, refusalOf, runBuilt, smallTraining, testFolder, writeSmallDataset } from './built-cli.ts'

const folder = testFolder()
let runs: string[]
let data: string[]

// 25 test images: an odd number, and fewer than any probe takes by default.
beforeAll(async () => {
  data = ['--data', await writeSmallDataset(join(folder, 'data'), { train: 60, test: 25 })]
  runs = [join(folder, 'own'), join(folder, 'baseline')]
  const methods = ['self-distillation', 'baseline']
  for (const [index, out] of runs.entries())
    await jsonOf([...smallTraining, ...data, '--epochs', '1', '--method', methods[index]!, '--out', out])
})

const optionsOf: Record<ProbeKind, () => string[]> = {
  embedding: () => [...data, '--method', 'pca'],
  discriminativeness: () => [...data, '--resamples', '5'],
  flatness: () => [...data, '--sigmas', '0,0.2', '--draws', '2', '--protocol', 'a,c'],
  gradients: () => data,
  history: () => []
}
const read = (path: string): AnyReport => parseReport(readFileSync(path, 'utf8'), path)
const signatures = { svg: '<svg ', png: '\x89PNG', pdf: '%PDF-', csv: '' }

/** What the kind's report must hold, by exit or layer. */
const checks: { [K in ProbeKind]: (entry: ProbeReport<K>['checkpoints'][number], exits: number[]) => void } = {
  embedding({ indices, labels, exits }, expected) {
    expect(indices).toHaveLength(25)
    expect(labels).toHaveLength(25)
    expect(exits.map(({ exit }) => exit)).toEqual(expected)
    for (const { points, predictions } of exits) {
      expect(points.map((point) => point.length)).toEqual(Array(25).fill(2))
      expect(predictions).toHaveLength(25)
    }
  },
  discriminativeness({ count, exits }, expected) {
    expect(count).toBe(25)
    expect(exits.map(({ exit }) => exit)).toEqual(expected)
    for (const { sse, ssb, ratio } of exits) expect(ratio).toBeCloseTo(sse / ssb, 8)
  },
  flatness({ exits }, expected) {
    const rows = exits.map(({ exit, split, protocol, sigma }) => `${exit} ${split} ${protocol} ${sigma}`)
    const all = expected.flatMap((exit) =>
      ['test', 'train'].flatMap((split) => ['a', 'c'].flatMap((p) => [0, 0.2].map((s) => `${exit} ${split} ${p} ${s}`)))
    )
    expect(rows.sort()).toEqual(all.sort())
    for (const { accuracy } of exits) expect(accuracy.low <= accuracy.mean && accuracy.mean <= accuracy.high).toBe(true)
  },
  gradients({ layers, terms, losses }, expected) {
    expect(layers.find(({ name }) => name === 'layer1.0.conv1.weight')?.meanAbs).toBeGreaterThan(0)
    expect(losses.crossEntropy).toHaveLength(expected.length)
    expect(losses.total).toBeGreaterThan(0)
    for (const { layers: of } of terms) expect(of).toHaveLength(layers.length)
  },
  history({ steps, epochs }, expected) {
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3])
    expect(epochs).toHaveLength(1)
    expect(epochs[0]!.test.accuracy).toHaveLength(expected.length)
  }
}

describe.each(probeKinds)('probe %s', (kind) => {
  test('of one and of two checkpoints, and figure of both', async () => {
    for (const paths of [runs.slice(0, 1), runs]) {
      const out = join(folder, `${kind}-${paths.length}.json`)
      const ended = await runBuilt(['probe', kind, ...paths, ...optionsOf[kind](), '--out', out])
      expect(ended.stderr).toMatch(/Wrote .*\.json\.\n$/)
      expect(ended).toMatchObject({ status: 0, stdout: '' })
      const report = read(out)
      expect(report.kind).toBe(kind)
      expect(report.checkpoints.map(({ path }) => path)).toEqual(paths)
      expect(report.provenance).toMatchObject({ seed: 0, software: { autodidact: expect.stringMatching(/\d/) } })
      const check = checks[kind] as (entry: unknown, exits: number[]) => void
      check(report.checkpoints[0], [1, 2, 3, 4])
      if (paths.length > 1) check(report.checkpoints[1], [4])
      await draw(out, paths.length > 1 ? ['svg'] : ['png', 'pdf', 'csv'])
    }
  })
})

async function draw(report: string, formats: (keyof typeof signatures)[]): Promise<void> {
  const drawn = formats.map(async (format) => {
    const out = report.replace(/json$/, format)
    const result = await jsonOf<{ bytes: number }>(['figure', report, '--out', out])
    const content = readFileSync(out)
    expect(result).toEqual({ out, format, bytes: content.length })
    expect(content.toString('latin1').includes(signatures[format])).toBe(true)
    expect(content.length).toBeGreaterThan(100)
  })
  await Promise.all(drawn)
}

test('a probe gives the same numbers again, and others with another --seed; --json prints the report', async () => {
  const flat = (seed: string) =>
    jsonOf<ProbeReport<'flatness'>>([
      ...['probe', 'flatness', runs[0]!, ...data, '--sigmas', '0.3', '--draws', '1', '--split', 'test'],
      ...['--seed', seed]
    ])
  const [first, again, other] = await Promise.all([flat('1'), flat('1'), flat('2')])
  expect(again.checkpoints).toEqual(first.checkpoints)
  expect(other.checkpoints).not.toEqual(first.checkpoints)
})

test('the default number of images shrinks to what is there, a given --limit does not', async () => {
  const args = ['probe', 'embedding', runs[0]!, ...data, '--method', 'pca']
  expect((await jsonOf<AnyReport>(args)).provenance.data).toMatchObject({ count: 25, split: 'test' })
  expect(await refusalOf([...args, '--limit', '26'], 2)).toBe(
    "The limit of 26 images is more than the 25 of data's test split."
  )
})

test('raw arrays with labels are probed as data sets are', async () => {
  const { golden, weights, images } = readGolden('bottleneck-resnet18-w8')
  const given = ['--images', images, '--shape', golden.imagesShape.join(), '--labels', golden.labels.join()]
  const report = await jsonOf<ProbeReport<'discriminativeness'>>(['probe', 'discriminativeness', weights, ...given])
  expect(report.provenance.data).toMatchObject({ split: 'given', count: 20 })
  report.checkpoints[0]!.exits.forEach(({ sse, ssb, ratio }, index) => {
    const expected = golden.eval.discriminativeness[index]!
    for (const [a, b] of [
      [sse, expected.sse],
      [ssb, expected.ssb],
      [ratio, expected.ratio]
    ] as const)
      expect(Math.abs(a - b) / b).toBeLessThan(1e-4)
  })
})

test('a report that was made elsewhere is drawn without its checkpoints, at any size', async () => {
  const out = join(folder, 'elsewhere.json')
  await jsonOf(['probe', 'discriminativeness', runs[0]!, ...data, '--resamples', '0', '--out', out])
  const moved = readFileSync(out, 'utf8').replaceAll(JSON.stringify(runs[0]), '"D:\\\\networks\\\\first"')
  expect(moved).toContain('D:')
  const { writeFileSync } = await import('node:fs')
  writeFileSync(out, moved)
  for (const size of ['80', '3000'])
    await jsonOf(['figure', out, '--out', join(folder, `${size}.svg`), '--width', size, '--height', size])
})
