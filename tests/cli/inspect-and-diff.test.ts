import { describe, expect, it } from 'vitest'
import { createFakeEngine } from './fake-engine.ts'
import { run } from './run.ts'

const known = await createFakeEngine().inspect({ path: 'a' })

describe('inspect', () => {
  it('adds what it measured of every tensor to those it lists, with --statistics', async () => {
    const { stdout, engine } = await run(['inspect', 'a', '--statistics', '--json'])
    expect(engine.calls.map(({ name }) => name)).toEqual(['inspect', 'tensorStatistics'])
    const { tensors, family } = JSON.parse(stdout) as { family: string; tensors: unknown[] }
    expect(family).toBe('ResNet')
    expect(tensors).toEqual([
      {
        ...{ name: 'conv1.weight', shape: [8, 3, 3, 3], dtype: 'F32', role: 'convolution', stage: 0, part: 'backbone' },
        ...{ count: 216, mean: 0.01, deviation: 0.5, min: -1, max: 2, norm: 7.5 },
        ...{ zeroFraction: 0.25, nearZeroFraction: 0.5, nonFinite: 1 },
        histogram: { low: -1, high: 2, counts: [1, 214] }
      }
    ])
  })

  it('shows them as a table', async () => {
    const { stdout } = await run(['inspect', 'a', '--statistics'])
    expect(stdout).toMatch(/tensor +shape +type +mean +deviation +min +max +norm +zeros +non-finite/)
    expect(stdout).toMatch(/conv1.weight +8 x 3 x 3 x 3 +F32 +0.01 +0.5 +-1 +2 +7.5 +25.00 % +1/)
  })

  it('measures the last checkpoint of a folder', async () => {
    const frames = ['1', '2'].map((name) => ({
      ...{ path: `runs/${name}.pth`, label: `epoch ${name}`, epoch: Number(name) },
      ...{ hash: '', changedAt: '2026-01-01T00:00:00Z' }
    }))
    const { status, engine } = await run(['inspect', 'runs', '--statistics'], {
      engine: { inspect: () => Promise.resolve({ ...known, frames }) }
    })
    expect(status).toBe(0)
    expect(engine.calls).toEqual([{ name: 'tensorStatistics', request: { path: 'runs/2.pth' } }])
  })

  it('says why a file is no network, with status 0, and what the file says of itself on lines of their own', async () => {
    const unknown = {
      ...known,
      ...{
        family: 'unknown',
        heads: 'unknown',
        exits: [],
        misfit: 'is not a network known here: its tensors are "a".'
      },
      remarks: ['Two values were wider than float32.'],
      notes: [{ name: 'epoch', text: '12\n\u001b[2J13' }],
      preprocessing: { size: 28, mean: [0.286], deviation: [0.353] },
      classNames: ['cat', 'dog']
    }
    const { title: _, ...untitled } = unknown
    const { stdout, status } = await run(['inspect', 'a'], { engine: { inspect: () => Promise.resolve(untitled) } })
    expect(status).toBe(0)
    expect(stdout).toContain('a is not a network known here: its tensors are "a".\n')
    expect(stdout).toContain('Two values were wider than float32.\n')
    expect(stdout).toMatch(/epoch +12 \[2J13\n/)
    expect(stdout).toMatch(/images +28 pixels, mean 0.286, deviation 0.353\n/)
    expect(stdout).toMatch(/classes +cat, dog\n/)
    expect(stdout).not.toContain('acceleration')
  })
})

describe('diff', () => {
  it('shows a table of what changed, then one sentence', async () => {
    const { stdout, engine } = await run(['diff', 'a', 'b'])
    expect(engine.calls).toEqual([{ name: 'diffCheckpoints', request: { a: 'a', b: 'b' } }])
    expect(stdout).toMatch(/conv1.weight +8 x 3 x 3 x 3 +differs +0.5 +0.25 +0.75 +100.00 %/)
    expect(stdout).toMatch(/fc.weight +8 x 3 x 3 x 3 +only in A +- +- +- +-/)
    expect(stdout.endsWith('\n\n0 of 1 tensor equal; the largest relative change 0.5 in conv1.weight.\n')).toBe(true)
  })

  it('shows the sentence alone where nothing changed, and equal tensors on demand', async () => {
    const header = { shape: [2], dtype: 'F32' }
    const numbers = { maxAbs: 0, meanAbs: 0, relative: 0, cosine: 1, unequalFraction: 0 }
    const tensors = [{ name: 'x', a: header, b: header, state: 'equal' as const, ...numbers }]
    const result = { a: 'a', b: 'b', summary: 'All 1 tensor equal.', tensors }
    const engine = { diffCheckpoints: () => Promise.resolve(result) }
    expect((await run(['diff', 'a', 'b'], { engine })).stdout).toBe('All 1 tensor equal.\n')
    expect((await run(['diff', 'a', 'b', '--all'], { engine })).stdout).toMatch(/x +2 +equal +0 +0 +1 +0.00 %/)
  })

  it('prints one document with --json, what was not compared as null', async () => {
    const { stdout } = await run(['diff', 'a', 'b', '--json'])
    const { summary, tensors } = JSON.parse(stdout) as { summary: string; tensors: Record<string, unknown>[] }
    expect(summary).toContain('0 of 1')
    expect(tensors[1]).toMatchObject({ name: 'fc.weight', b: null, state: 'onlyInA', relative: null })
  })

  it('needs two checkpoints', async () => {
    expect(await run(['diff', 'a'])).toMatchObject({ status: 2 })
  })
})
