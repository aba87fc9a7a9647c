import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatReport } from '../../src-shared/report-file.ts'
import { makeGradients, makeHistory } from '../figures/fixture-reports.ts'
import { addCosts } from '../figures/history-reports.ts'
import { historyReport } from './fake-engine.ts'
import { run } from './run.ts'

let folder: string
let report: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-figure-'))
  report = join(folder, 'report.json')
  await writeFile(report, formatReport(historyReport))
})
afterAll(() => rm(folder, { recursive: true }))

describe('figure', () => {
  it.each([
    ['svg', '<?xml version="1.0"'],
    ['PNG', '\u0089PNG'],
    ['pdf', '%PDF-'],
    ['csv', 'checkpoint,group,role,seed']
  ])('writes %s without an engine', async (extension, start) => {
    const out = join(folder, `figure.${extension}`)
    const { status, stdout, stderr, backend } = await run(['figure', report, '--out', out, '--title', 'Runs'])
    expect({ status, stdout, stderr, backend }).toEqual({
      status: 0,
      stdout: `${out}\n`,
      stderr: '',
      backend: 'not created'
    })
    const content = await readFile(out)
    expect(content.subarray(0, start.length).toString('latin1')).toBe(start)
  })

  it('gives the size asked for, times the density', async () => {
    const sizeOf = async (...options: string[]) => {
      const out = join(folder, 'sized.png')
      const { stderr } = await run(['figure', report, '--out', out, '--width', '700', '--height', '500', ...options])
      expect(stderr).toBe('')
      const png = await readFile(out)
      return [png.readUInt32BE(16), png.readUInt32BE(20)]
    }
    expect(await sizeOf('--density', '1')).toEqual([700, 500])
    expect(await sizeOf()).toEqual([1400, 1000])
  })

  it('tells with --json what it wrote', async () => {
    const out = join(folder, 'told.svg')
    const { stdout } = await run(['figure', report, '--out', out, '--json'])
    expect(JSON.parse(stdout)).toEqual({ out, format: 'svg', bytes: (await stat(out)).size })
  })

  it.each([
    [['--scale', 'raw'], 2, 'The history figure has no option --scale.'],
    [['--over', 'weeks'], 2, 'The history figure has no over weeks; choose step, epoch.'],
    [
      ['--width', '20000', '--height', '20000', '--density', '8'],
      2,
      'A picture of 20000 x 20000 pixels is too large for the density 8; choose less.'
    ]
  ])('refuses %j', async (options, status, sentence) => {
    const out = join(folder, 'refused.png')
    expect(await run(['figure', report, '--out', out, ...options])).toMatchObject({ status, stderr: `${sentence}\n` })
    await expect(stat(out)).rejects.toThrow('ENOENT')
  })

  it.each([
    [['--term', 'kl-4'], 'The gradients figure has no term kl-4; choose total, crossEntropy-1, kl-1.'],
    [['--term', 'kl-1', '--scale', 'timesNorm'], 'The gradients figure has no scale timesNorm; choose raw, relative.'],
    [['--scale', 'raws'], 'The gradients figure has no scale raws; choose raw, relative, timesNorm.']
  ])('knows the terms of the report: %j', async (options, sentence) => {
    const from = join(folder, 'gradients.json')
    await writeFile(from, formatReport(makeGradients()))
    const out = join(folder, 'term.svg')
    expect(await run(['figure', from, '--out', out, ...options])).toMatchObject({ status: 2, stderr: `${sentence}\n` })
    expect(await run(['figure', from, '--out', out, '--term', 'kl-1'])).toMatchObject({ status: 0 })
    expect(await readFile(out, 'utf8')).toContain('Of the loss only the KL at exit 1, with its weight.')
  })

  it('draws a history over steps where it is told so', async () => {
    const from = join(folder, 'history.json')
    await writeFile(from, formatReport(makeHistory()))
    const out = join(folder, 'over.svg')
    const axisOf = async (...options: string[]) => {
      expect(await run(['figure', from, '--out', out, ...options])).toMatchObject({ status: 0 })
      return /Epoch|Step/.exec(await readFile(out, 'utf8'))?.[0]
    }
    expect([await axisOf(), await axisOf('--over', 'step')]).toEqual(['Epoch', 'Step'])
  })

  it('draws a history over its costs where every run has them', async () => {
    const from = join(folder, 'costs.json')
    const out = join(folder, 'costs.svg')
    await writeFile(from, formatReport(addCosts(makeHistory())))
    for (const [over, title] of [
      ['seconds', 'Training time (min)'],
      ['multiply-adds', 'Multiply-adds (10¹²)']
    ] as const) {
      expect(await run(['figure', from, '--out', out, '--over', over])).toMatchObject({ status: 0, stderr: '' })
      expect(await readFile(out, 'utf8')).toContain(title)
    }
    await writeFile(from, formatReport(makeHistory()))
    expect(await run(['figure', from, '--out', out, '--over', 'seconds'])).toMatchObject({
      status: 2,
      stderr: 'The history figure has no over seconds; choose epoch, step.\n'
    })
  })

  it('explains what is not a report', async () => {
    const out = join(folder, 'f.svg')
    const missing = join(folder, 'missing.json')
    expect(await run(['figure', missing, '--out', out])).toMatchObject({
      status: 1,
      stderr: `${missing} does not exist.\n`
    })
    const broken = join(folder, 'broken.json')
    await writeFile(broken, '{')
    const { status, stderr } = await run(['figure', broken, '--out', out])
    expect(status).toBe(1)
    expect(stderr).toContain(`${broken} is not JSON`)
  })
})
