import { readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  anyReportSchema,
  probeKinds,
  type AnyReport,
  type ProbeReport,
  type Subject
} from '../../../src-shared/reports.ts'
import { parseReport } from '../../../src-shared/report-file.ts'
import { samplesFolder } from '../../../src-main/engine/library/places.ts'
import { createResults, type ResultsOptions } from '../../../src-main/engine/results/results.ts'
import { settingsKey } from '../../../src-shared/settings-key.ts'
import { openLibrary, writeRun } from '../library/lab-home.ts'
import { temporaryFolder } from '../training/small-run.ts'

const sample = (name: string): string => join(samplesFolder, `${name}.safetensors`)
const shipped = (name: string): AnyReport =>
  parseReport(readFileSync(join(samplesFolder, `${name}.json`), 'utf8'), name)
const settingsOf = ({ request }: AnyReport) => {
  const { checkpoints: _, ...settings } = request as { checkpoints: Subject[] } & Record<string, unknown>
  return settings
}
const methods = ['baseline', 'deep-supervision', 'self-distillation']
const clean = methods.map((method) => ({ path: sample(`clean-${method}-0`) }))
const noisy = methods.flatMap((method) => [0, 1, 2].map((seed) => ({ path: sample(`noisy-${method}-${seed}`) })))

/** Results of a home of their own, and the sentences that they warned with. */
function openResults(options: Partial<ResultsOptions> = {}) {
  const { home, library } = openLibrary(options.home ? { home: options.home } : {})
  const warnings: string[] = []
  const results = createResults({ home, library, warn: (sentence) => warnings.push(sentence), ...options })
  return { home, library, results, warnings }
}

/** A discriminativeness report of some clean samples, as measured on a day of January 2027 with a limit. */
function measured(checkpoints: number[], day: number, limit = 2000, seconds = 6): ProbeReport<'discriminativeness'> {
  const report = shipped('clean-discriminativeness') as ProbeReport<'discriminativeness'>
  const createdAt = `2027-01-${String(day).padStart(2, '0')}T00:00:00.000Z`
  return {
    ...report,
    request: { ...report.request, data: { kind: 'dataset', name: 'fashion-mnist', split: 'test', limit } },
    provenance: { ...report.provenance, createdAt, seconds },
    // So that it can be told which day's numbers came back.
    checkpoints: checkpoints.map((index) => ({ ...report.checkpoints[index]!, count: day }))
  }
}
const daysIn = (report: AnyReport | null) => report?.checkpoints.map((entry) => (entry as { count: number }).count)

describe('the shipped reports', () => {
  test.each(probeKinds)('%s of both groups: put together, and called as asked', async (kind) => {
    const { results } = openResults()
    const all = [...noisy, ...clean]
    const [first, second] = [shipped(`noisy-${kind}`), shipped(`clean-${kind}`)]
    const subjects = all.map(({ path }, index) => ({
      path,
      name: `n${index}`,
      group: `g${index}`,
      role: 'r',
      seed: index
    }))
    const found = await results.find({ kind, checkpoints: subjects, settings: settingsOf(first) })
    // Of the embeddings only seed 0 of the noisy ones is shipped.
    const isStored = (index: number) => kind !== 'embedding' || index >= 9 || index % 3 === 0
    const entries = [...first.checkpoints, ...second.checkpoints]
    const expected = subjects.filter((_, index) => isStored(index))
    expect(found.report).toEqual({
      ...first,
      request: { ...first.request, checkpoints: expected },
      provenance: {
        ...(first.provenance.createdAt > second.provenance.createdAt ? first : second).provenance,
        seconds: first.provenance.seconds + second.provenance.seconds
      },
      checkpoints: entries.map((entry, index) => ({ ...entry, ...expected[index]! }))
    })
    expect(anyReportSchema.parse(found.report)).toEqual(found.report)
    expect(found.missing).toEqual(all.filter((_, index) => !isStored(index)).map(({ path }) => path))
    expect(found.isStale).toBe(false)
  })

  test('a history is found by the name of the run that the sample was exported from', async () => {
    const { results } = openResults()
    const [subject] = clean
    const found = await results.find({ kind: 'history', checkpoints: [subject!], settings: {} })
    expect(found.report?.checkpoints).toEqual([{ ...shipped('clean-history').checkpoints[0]!, path: subject!.path }])
    expect(found).toMatchObject({ missing: [], isStale: false, estimatedSeconds: 0 })
  })

  test('without settings, and with others: then it is stale, and all would be measured anew', async () => {
    const { results } = openResults()
    const report = shipped('clean-flatness')
    const settings = settingsOf(report)
    const request = { kind: 'flatness', checkpoints: clean } as const
    expect(await results.find({ ...request, settings: null })).toMatchObject({ isStale: false, missing: [] })
    const stale = await results.find({ ...request, settings: { ...settings, draws: 10 } })
    expect(stale).toMatchObject({ isStale: true, missing: [], report: { request: { draws: 5 } } })
    expect(stale.estimatedSeconds).toBeCloseTo(2 * report.provenance.seconds)
  })

  test('settings in other words are the same', async () => {
    const { results } = openResults()
    const settings = settingsOf(shipped('clean-flatness'))
    const data = { limit: 500, orFewer: true, split: 'test', name: 'fashion-mnist', kind: 'dataset' }
    const reordered = { ...Object.fromEntries(Object.entries(settings).reverse()), data, more: undefined, other: 1 }
    const found = await results.find({ kind: 'flatness', checkpoints: clean, settings: reordered })
    expect(found.isStale).toBe(false)
  })

  test('settings that are none are refused', async () => {
    const { results } = openResults()
    const settings = { ...settingsOf(shipped('clean-flatness')), draws: 0 }
    await expect(results.find({ kind: 'flatness', checkpoints: clean, settings })).rejects.toThrow(
      /^The settings of flatness cannot be used: draws Too small: .*\.$/
    )
  })

  test('a damaged one is left out, and the rest is there', async () => {
    const samples = temporaryFolder()
    writeFileSync(join(samples, 'clean-discriminativeness.json'), '{"version": 1')
    const { results, warnings } = openResults({ samples })
    const request = { kind: 'discriminativeness', checkpoints: clean, settings: null } as const
    for (let time = 0; time < 2; time++)
      expect(await results.find(request)).toEqual({
        report: null,
        missing: clean.map(({ path }) => path),
        isStale: false,
        estimatedSeconds: NaN
      })
    expect(warnings).toEqual([
      expect.stringMatching(/^A shipped report is left out: .*clean-discriminativeness\.json is not/)
    ])
  })
})

describe('stored reports', () => {
  test.each(probeKinds)(
    '%s comes back as it was, numbers that are none among them, also from the disk',
    async (kind) => {
      const { home, results } = openResults({ samples: temporaryFolder() })
      const report = shipped(`noisy-${kind}`)
      if (report.kind === 'gradients') report.checkpoints[1]!.losses.total = NaN
      if (report.kind === 'history') report.checkpoints.forEach((entry) => (entry.hash = ''))
      const known = await Promise.all(noisy.map(({ path }) => openLibrary({ home }).library.keyOf(path)))
      const position = (entry: AnyReport['checkpoints'][number]) =>
        noisy.findIndex(({ path }) => path.endsWith(`/${entry.name}.safetensors`))
      report.checkpoints.forEach((entry) => Object.assign(entry, { hash: known[position(entry)]! }))
      await results.store(report)
      const request = {
        kind,
        checkpoints: report.checkpoints.map((one) => noisy[position(one)]!),
        settings: settingsOf(report)
      }
      const expected = {
        ...report,
        request: { ...report.request, checkpoints: request.checkpoints },
        checkpoints: report.checkpoints.map((entry) => ({ ...entry, path: noisy[position(entry)]!.path }))
      }
      expect((await results.find(request)).report).toEqual(expected)
      const again = openResults({ home, samples: temporaryFolder() }).results
      expect((await again.find(request)).report).toEqual(expected)
    }
  )

  test('are put together with the shipped ones: the newest of each, seconds by their shares', async () => {
    const { results } = openResults()
    await results.store(measured([0, 1], 3, 2000, 10))
    await results.store(measured([1], 5, 2000, 7))
    const { report, missing } = await results.find({
      kind: 'discriminativeness',
      checkpoints: clean,
      settings: settingsOf(measured([0], 1))
    })
    expect(daysIn(report)).toEqual([3, 5, 2000])
    expect(missing).toEqual([])
    const old = shipped('clean-discriminativeness').provenance.seconds
    expect(report?.provenance.createdAt).toBe('2027-01-05T00:00:00.000Z')
    expect(report?.provenance.seconds).toBeCloseTo(10 / 2 + 7 + old / 3)
  })

  test('what is missing is named, and guessed from what the others took', async () => {
    const { results } = openResults({ samples: temporaryFolder() })
    const find = (limit: number, checkpoints = clean) =>
      results.find({ kind: 'discriminativeness', checkpoints, settings: settingsOf(measured([0], 1, limit)) })
    expect(await find(500)).toMatchObject({ report: null, estimatedSeconds: NaN, missing: { length: 3 } })
    await results.store(measured([0, 1], 3, 500, 10))
    expect(await find(500)).toMatchObject({ estimatedSeconds: 5, missing: [clean[2]!.path], isStale: false })
    await results.store(measured([0], 4, 500, 7))
    expect((await find(500)).estimatedSeconds).toBe(6)
    expect(await find(1000, [clean[2]!])).toMatchObject({ report: null, isStale: false, estimatedSeconds: 12 })
    expect(await find(1000)).toMatchObject({ isStale: true, missing: [clean[2]!.path], estimatedSeconds: 36 })
  })

  test('belong to the weights: a copy has them, a run that was trained on has not, a file that is gone is missing', async () => {
    const { home, results } = openResults()
    const folder = realpathSync(temporaryFolder())
    const copy = join(folder, 'copy.safetensors')
    writeFileSync(copy, readFileSync(clean[0]!.path))
    await writeRun(join(home, 'runs', 'net'))
    const paths = [copy, join(home, 'runs', 'net'), join(folder, 'gone')]
    const { report, missing } = await results.find({
      kind: 'discriminativeness',
      checkpoints: paths.map((path) => ({ path })),
      settings: null
    })
    expect(report?.checkpoints).toMatchObject([{ path: copy, name: 'clean-baseline-0' }])
    expect(missing).toEqual(paths.slice(1))
  })

  test('damaged after the index was written: older ones answer, and it is said once', async () => {
    const { home, results } = openResults()
    await results.store(measured([0, 1], 3))
    const folder = join(home, 'reports')
    const [file = ''] = readdirSync(folder).filter((name) => name.endsWith('.json'))
    writeFileSync(join(folder, file), '{"version": 1, "kind"')
    const again = openResults({ home })
    const request = { kind: 'discriminativeness', checkpoints: clean, settings: null } as const
    for (let time = 0; time < 2; time++)
      expect(daysIn((await again.results.find(request)).report)).toEqual([2000, 2000, 2000])
    expect(again.warnings).toEqual([
      `A stored result is left out: ${join(folder, file)} is not JSON: it begins with "{\\"version\\": 1, \\"kind\\""; choose a JSON file that a probe wrote.`
    ])
  })

  test('that are not what the index says are left out', async () => {
    const { home, results } = openResults({ samples: temporaryFolder() })
    await results.store(measured([0, 1], 3))
    await results.store(measured([0], 2))
    const index = join(home, 'reports', 'index.jsonl')
    const [first = '', second = ''] = readFileSync(index, 'utf8').trim().split('\n')
    const lie = JSON.parse(first) as { head: { entries: unknown[] } }
    lie.head.entries.reverse().push(lie.head.entries[0])
    writeFileSync(index, [JSON.stringify(lie), second].join('\n'))
    const again = openResults({ home, samples: temporaryFolder() })
    const found = await again.results.find({ kind: 'discriminativeness', checkpoints: clean, settings: null })
    expect(daysIn(found.report)).toEqual([2])
    expect(again.warnings).toEqual([
      expect.stringMatching(/^A stored result is left out: .* is not what the index says\.$/)
    ])
  })

  test('gradients of several losses are not mixed', async () => {
    const { results, library } = openResults({ samples: temporaryFolder() })
    const report = shipped('clean-gradients') as ProbeReport<'gradients'>
    const alone = { ...report, checkpoints: [{ ...report.checkpoints[1]!, method: 'deep-supervision' }] }
    const others = { ...report, checkpoints: [report.checkpoints[0]!, report.checkpoints[2]!] }
    await results.store(alone)
    await results.store(others)
    const found = await results.find({ kind: 'gradients', checkpoints: clean, settings: settingsOf(report) })
    expect(found.report?.checkpoints.map(({ hash }) => hash)).toEqual(
      await Promise.all([clean[0]!, clean[2]!].map(({ path }) => library.keyOf(path)))
    )
    expect(found.missing).toEqual([clean[1]!.path])
    await results.store(report)
    expect((await results.find({ kind: 'gradients', checkpoints: clean, settings: null })).missing).toEqual([])
  })
})

test('the key of settings does not depend on order, on what is undefined, or on whose wish a limit is', () => {
  const data = { kind: 'dataset', name: 'x', split: 'test', limit: null }
  const a = settingsKey({ checkpoints: [], seed: 0, data })
  expect(settingsKey({ data: { ...data, orFewer: true }, preset: undefined, seed: 0 })).toBe(a)
  expect(settingsKey({ data: { ...data, limit: 1 }, seed: 0 })).not.toBe(a)
  expect(settingsKey({ data: [1, 2] })).not.toBe(settingsKey({ data: [2, 1] }))
})

describe('whether a result is stored', () => {
  test('is told of each checkpoint, without reading reports, for these settings only', async () => {
    const { results } = openResults()
    await results.store(measured([0, 2], 1))
    const paths = [...clean.map(({ path }) => path), '/no/such/file']
    const settings = settingsOf(measured([0], 1))
    expect(await results.has({ kind: 'discriminativeness', paths, settings })).toEqual({
      has: [true, true, true, false]
    })
    // The shipped report is of these settings; what was measured with another limit is another result.
    const fewer = settingsOf(measured([0], 1, 1000))
    expect(await results.has({ kind: 'discriminativeness', paths, settings: fewer })).toEqual({
      has: [false, false, false, false]
    })
    await results.store(measured([0, 2], 2, 1000))
    expect(await results.has({ kind: 'discriminativeness', paths, settings: fewer })).toEqual({
      has: [true, false, true, false]
    })
  })
})
