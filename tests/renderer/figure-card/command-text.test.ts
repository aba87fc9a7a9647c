import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { renderFigure } from '../../../src-main/cli/render-figure.ts'
import { describeCommand, figureWords, probeWords } from '../../../src-renderer/figure-card/command-text.ts'
import { quoteCommand } from '../../../src-renderer/figure-card/shell-words.ts'
import { formatReport } from '../../../src-shared/report-file.ts'
import type { AnyReport } from '../../../src-shared/reports.ts'
import { run } from '../../cli/run.ts'
import * as fixtures from '../../figures/fixture-reports.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'command-text-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** The request that the command line makes of a command's words. */
async function readBack(report: AnyReport): Promise<unknown> {
  const words = probeWords(report, join(folder, 'report.json'))
  const { status, stderr, engine } = await run([...words.slice(1), '--quiet'])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(engine.calls.map(({ name }) => name)).toEqual([`probe ${report.kind}`])
  return engine.calls[0]!.request
}

const subjects = [
  { path: 'runs/a b', name: "the 'best' one", group: 'g $HOME', role: 'baseline' },
  { path: '-odd', name: '--name', group: 'h', role: 'self-distillation' }
]
const named = (report: AnyReport, request: Record<string, unknown> = {}): AnyReport =>
  ({ ...report, request: { ...report.request, checkpoints: subjects, ...request } }) as AnyReport
const asRead = [subjects[0], { ...subjects[1], path: './-odd' }]

describe('the command that is copied', () => {
  it.each<[string, AnyReport]>([
    ['embedding', named(fixtures.makeEmbedding(), { method: 'pca', neighbors: 7, minDist: 0.05, seed: 3 })],
    ['maps in space', named(fixtures.makeEmbedding({ dims: 3 }))],
    ['discriminativeness', named(fixtures.makeDiscriminativeness(), { features: 'normalized', resamples: 20 })],
    ['flatness', named(fixtures.makeFlatness({ protocols: ['a', 'c'], splits: ['train', 'test'] }))],
    ['flatness with sigmas', named(fixtures.makeFlatness(), { sigmas: [0, 1e-7, 0.25], draws: 12, seed: 4294967295 })],
    ['gradients', named(fixtures.makeGradients())],
    [
      'gradients of another loss',
      named(fixtures.makeGradients(), {
        method: 'self-distillation',
        alpha: 0,
        lambda: 0.5,
        temperature: 4,
        batchSize: 64
      })
    ],
    ['gradients of a preset', named(fixtures.makeGradients(), { preset: 'autodidact-default' })],
    ['history', named(fixtures.makeHistory())],
    [
      'raw arrays',
      named(fixtures.makeGradients(), {
        data: { kind: 'arrays', imagesPath: 'x y.f32', shape: [3, 8, 8, 1], labels: [2, 0, 1] }
      })
    ]
  ])('asks for the same again: %s', async (_name, report) => {
    expect(await readBack(report)).toEqual({ ...report.request, checkpoints: asRead })
  })

  it('leaves names out where the request has none, and fills them up where it has some', async () => {
    const plain = fixtures.makeHistory()
    plain.request.checkpoints = [{ path: 'a' }, { path: 'b' }] as never
    expect(await readBack(plain)).toEqual({ checkpoints: [{ path: 'a' }, { path: 'b' }] })
    plain.request.checkpoints = [{ path: 'a', name: 'first' }, { path: 'b' }] as never
    const second = plain.checkpoints[1]!.name
    expect(await readBack(plain)).toEqual({
      checkpoints: [
        { path: 'a', name: 'first' },
        { path: 'b', name: second }
      ]
    })
  })

  it('takes the images that were measured where the request names no number, or a default', async () => {
    const limitOf = async (report: AnyReport, limit: number | null, orFewer?: true) => {
      const data = { kind: 'dataset', name: 'd', split: 'test', limit, ...(orFewer && { orFewer }) } as const
      const asked = (await readBack(named(report, { data } as never))) as { data: unknown }
      return asked.data
    }
    const data = { kind: 'dataset', name: 'd', split: 'test' }
    expect(await limitOf(fixtures.makeDiscriminativeness(), null)).toEqual({ ...data, limit: null })
    expect(await limitOf(fixtures.makeEmbedding(), null)).toEqual({ ...data, limit: 400 })
    expect(await limitOf(fixtures.makeEmbedding(), 1000, true)).toEqual({ ...data, limit: 1000, orFewer: true })
    expect(await limitOf(fixtures.makeEmbedding(), 5000, true)).toEqual({ ...data, limit: 400 })
    expect(await limitOf(fixtures.makeEmbedding(), 1000)).toEqual({ ...data, limit: 1000 })
  })

  it('draws the picture that is on screen', async () => {
    const report = fixtures.makeGradients()
    const from = join(folder, 'gradients.json')
    const out = join(folder, 'gradients.svg')
    await writeFile(from, formatReport(report))
    const options = { scale: 'relative', part: 'all', term: 'kl-1' }
    const words = figureWords(report, { ...options, zoom: { k: 2 } }, { report: from, out })
    expect(await run(words.slice(1))).toMatchObject({ status: 0, stderr: '' })
    expect(await readFile(out, 'utf8')).toBe(renderFigure(report, { props: options }))
    expect(figureWords(report, { scale: 'raw', term: 'total' }, { report: 'a', out: 'b' })).toEqual([
      'autodidact',
      'figure',
      'a',
      '--out',
      'b'
    ])
  })

  it('is two lines, the second drawing what the first one measured', () => {
    expect(describeCommand(named(fixtures.makeFlatness()), { quantity: 'loss' })).toBe(
      `autodidact probe flatness 'runs/a b' ./-odd --data fashion-mnist --split test --limit 1000 --sigmas auto --draws 5 ` +
        `--protocol b --name 'the '\\''best'\\'' one' --name=--name --group 'g $HOME' --group h --role baseline ` +
        `--role self-distillation --seed 0 --out flatness.json\n` +
        `autodidact figure flatness.json --quantity loss --out flatness.pdf\n`
    )
  })

  it('is read by a shell as it was meant, whatever stands in it', () => {
    const word = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.includes('\0'))
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), (words) => {
        const script = `for word in ${quoteCommand(words)}; do printf '%s\\0' "$word"; done`
        const read = execFileSync('/bin/sh', ['-c', script]).toString('utf8').split('\0').slice(0, -1)
        expect(read).toEqual(words)
      }),
      { numRuns: 40 }
    )
  })
})
