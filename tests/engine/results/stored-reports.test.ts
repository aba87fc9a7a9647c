import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ProbeReport } from '../../../src-shared/reports.ts'
import { createReportCache } from '../../../src-main/engine/results/report-cache.ts'
import { createStoredReports, type storeLimits } from '../../../src-main/engine/results/stored-reports.ts'
import { makeDiscriminativeness } from '../../figures/fixture-reports.ts'
import { temporaryFolder } from '../training/small-run.ts'

function openStore(folder: string, limits?: typeof storeLimits) {
  const warnings: string[] = []
  const reads: string[] = []
  const cached = createReportCache()
  const store = createStoredReports({
    folder,
    read: (path) => {
      reads.push(path)
      return cached(path)
    },
    warn: (sentence) => warnings.push(sentence),
    ...(limits ? { limits } : {})
  })
  return { store, warnings, reads }
}

/** A report of checkpoints with these hashes, with settings that `limit` tells apart. */
function reportOf(hashes: string[], limit = 100, seconds = 1): ProbeReport<'discriminativeness'> {
  const report = makeDiscriminativeness({ subjects: hashes.map((name) => ({ name })) })
  return {
    ...report,
    request: { ...report.request, data: { kind: 'dataset', name: 'fashion-mnist', split: 'test', limit } },
    provenance: { ...report.provenance, seconds },
    checkpoints: report.checkpoints.map((entry, index) => ({ ...entry, hash: hashes[index]! }))
  }
}
const filesIn = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.json'))
const hashesIn = async ({ store }: ReturnType<typeof openStore>) =>
  (await store.heads('discriminativeness')).map(({ entries }) => entries.map(({ hash }) => hash).join('')).sort()

/** A store with the reports of a, b and c, and the file of each. */
async function threeStored() {
  const folder = join(temporaryFolder(), 'reports')
  const files: Record<string, string> = {}
  const { store } = openStore(folder)
  for (const hash of ['a', 'b', 'c']) {
    const before = existsSync(folder) ? filesIn(folder) : []
    await store.add(reportOf([hash]))
    files[hash] = join(
      folder,
      filesIn(folder).find((name) => !before.includes(name))!
    )
  }
  return { folder, files, index: join(folder, 'index.jsonl') }
}

describe('the index', () => {
  test('spares the reading of the reports', async () => {
    const { folder } = await threeStored()
    const opened = openStore(folder)
    expect(await hashesIn(opened)).toEqual(['a', 'b', 'c'])
    expect(opened.reads).toEqual([])
    expect(await opened.store.heads('flatness')).toEqual([])
  })

  test('lost: the reports are read once, and it is written again', async () => {
    const { folder, index } = await threeStored()
    rmSync(index)
    expect(await hashesIn(openStore(folder))).toEqual(['a', 'b', 'c'])
    const opened = openStore(folder)
    expect(await hashesIn(opened)).toEqual(['a', 'b', 'c'])
    expect(opened.reads).toEqual([])
  })

  test('damaged or hostile: what is wrong in it counts for nothing', async () => {
    const { folder, index, files } = await threeStored()
    const lines = readFileSync(index, 'utf8').trim().split('\n')
    const first = JSON.parse(lines[0]!) as { name: string; head: Record<string, unknown> }
    const wild = [
      '{"cut of',
      'null',
      JSON.stringify({ ...first, name: '../../../etc/passwd' }),
      JSON.stringify({ ...first, head: { ...first.head, key: 'null' } }),
      JSON.stringify({ ...first, head: { ...first.head, entries: [] } }),
      '{"__proto__": {"name": "x"}}'
    ]
    writeFileSync(index, [...wild, lines[1]].join('\n'))
    const opened = openStore(folder)
    expect(await hashesIn(opened)).toEqual(['a', 'b', 'c'])
    expect(opened.reads.sort()).toEqual([files.a!, files.c!].sort())
    expect(opened.warnings).toEqual([])
  })

  test('of a store that cannot be written', async () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    await expect(openStore(join(file, 'reports')).store.add(reportOf(['a']))).rejects.toThrow(
      'cannot be reached: a part of the path is a file, not a folder.'
    )
  })
})

describe('a damaged report', () => {
  test.each([
    ['cut off', (text: string) => text.slice(0, text.length / 2), 'is not JSON'],
    ['empty', () => '', 'is empty, not a report'],
    ['a number changed to a word', (text: string) => text.replace(/"sse":[\d.]+/, '"sse":"many"'), 'has "many" as'],
    ['of another kind', (text: string) => text.replace('"discriminativeness"', '"history"'), 'lacks']
  ])('%s: is left out, and said so once', async (_, damage, reason) => {
    const { folder, files, index } = await threeStored()
    writeFileSync(files.b!, damage(readFileSync(files.b!, 'utf8')))
    rmSync(index)
    const opened = openStore(folder)
    for (let time = 0; time < 2; time++) expect(await hashesIn(opened)).toEqual(['a', 'c'])
    expect(opened.warnings).toHaveLength(1)
    expect(opened.warnings[0]).toMatch(/^A stored result is left out: /)
    expect(opened.warnings[0]).toContain(`${files.b} ${reason}`)
  })

  test('that another process removed is nothing to speak of', async () => {
    const { folder, files } = await threeStored()
    const opened = openStore(folder)
    await hashesIn(opened)
    rmSync(files.b!)
    expect(await hashesIn(opened)).toEqual(['a', 'c'])
    expect(opened.warnings).toEqual([])
  })

  test('a file of another name is none of ours', async () => {
    const { folder } = await threeStored()
    for (const name of ['notes.json', 'discriminativeness-1-abcdef12.json']) writeFileSync(join(folder, name), '{')
    mkdirSync(join(folder, 'discriminativeness-20260101T000000000Z-abcdef12.json'))
    const opened = openStore(folder)
    expect(await hashesIn(opened)).toEqual(['a', 'b', 'c'])
    expect(opened.warnings).toHaveLength(1)
  })
})

describe('where there are too many', () => {
  const bytes = 10 ** 9

  test('those go first that were measured again, then the oldest; the newest stays', async () => {
    const folder = join(temporaryFolder(), 'reports')
    const opened = openStore(folder, { reports: 3, bytes })
    await opened.store.add(reportOf(['a']))
    await opened.store.add(reportOf(['b', 'c']))
    await opened.store.add(reportOf(['b']))
    await opened.store.add(reportOf(['b', 'c', 'd']))
    expect(await hashesIn(opened)).toEqual(['a', 'b', 'bcd'])
    await opened.store.add(reportOf(['a'], 200))
    expect(await hashesIn(opened)).toEqual(['a', 'a', 'bcd'])
    await opened.store.add(reportOf(['e']))
    expect(await hashesIn(opened)).toEqual(['a', 'bcd', 'e'])
    expect(filesIn(folder)).toHaveLength(3)
    const again = openStore(folder)
    expect(await hashesIn(again)).toEqual(['a', 'bcd', 'e'])
    expect(again.reads).toEqual([])
  })

  test('or too large, likewise', async () => {
    const { folder, files } = await threeStored()
    const size = statSync(files.a!).size
    const opened = openStore(folder, { reports: 500, bytes: Math.round(2.5 * size) })
    await opened.store.add(reportOf(['d']))
    expect(await hashesIn(opened)).toEqual(['c', 'd'])
    const tiny = openStore(folder, { reports: 500, bytes: 1 })
    await tiny.store.add(reportOf(['e']))
    expect(await hashesIn(tiny)).toEqual(['e'])
  })

  test('two at one store lose nothing of each other', async () => {
    const folder = join(temporaryFolder(), 'reports')
    const [one, two] = [openStore(folder, { reports: 4, bytes }), openStore(folder, { reports: 4, bytes })]
    await Promise.all(['a', 'b', 'c', 'd'].map((hash, at) => (at % 2 ? one : two).store.add(reportOf([hash]))))
    expect(await hashesIn(one)).toEqual(['a', 'b', 'c', 'd'])
    expect(await hashesIn(two)).toEqual(['a', 'b', 'c', 'd'])
    await Promise.all([one.store.add(reportOf(['e'])), two.store.add(reportOf(['f']))])
    expect((await hashesIn(one)).slice(-2)).toEqual(['e', 'f'])
    expect(await hashesIn(one)).toEqual(await hashesIn(two))
    expect(filesIn(folder)).toHaveLength(4)
  })
})
