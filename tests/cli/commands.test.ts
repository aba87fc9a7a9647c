import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatReport } from '../../src-shared/report-file.ts'
import { historyReport } from './fake-engine.ts'
import { run } from './run.ts'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'cli-'))))
afterAll(() => rm(folder, { recursive: true }))

const dataset = { kind: 'dataset', name: 'fashion-mnist', split: 'test', limit: null }

describe('with --json stdout is one document', () => {
  it.each(
    [
      ['doctor'],
      ['data', 'list'],
      ['train', '--out', 'runs/a'],
      ['inspect', 'a'],
      ['predict', 'a'],
      ['evaluate', 'a'],
      ['probe', 'history', 'a'],
      ['export', 'a', '--out', 'b.safetensors']
    ].map((argv) => [argv])
  )('%j', async (argv) => {
    const { status, stdout } = await run([...argv, '--json'])
    expect(status).toBe(0)
    expect(stdout.trimEnd()).not.toContain('\n')
    expect(JSON.parse(stdout)).toBeTypeOf('object')
  })

  it('writes numbers that are not finite as null', async () => {
    const { stdout } = await run(['evaluate', 'a', '--json'])
    expect(JSON.parse(stdout)).toEqual({
      exits: [
        { exit: 1, accuracy: 0.5, loss: null },
        { exit: 2, accuracy: 0.75, loss: 0.5 }
      ],
      ensemble: { accuracy: 0.8, loss: 0.4 }
    })
    expect(JSON.parse((await run(['predict', 'a', '--json'])).stdout)).toEqual({
      exits: [{ exit: 1, logits: [[0, Math.log(3)]], features: [[1, 2, null]] }],
      ensemble: { logits: [[null, 1]] }
    })
  })
})

describe('for people', () => {
  it('doctor', async () => {
    expect((await run(['doctor'])).stdout).toBe(
      [
        'backend  state    device      version  remark',
        'native   missing  -           -        Not built; run npm run setup.',
        'cpu      used     JavaScript  4.22.0   Slow.',
        ''
      ].join('\n')
    )
  })

  it('data list', async () => {
    expect((await run(['data', 'list'])).stdout).toBe(
      [
        'name            train    test  classes  image        licence  format  folder',
        'fashion-mnist  60,000  10,000        2  28 x 28 x 1  MIT      IDX     /d',
        ''
      ].join('\n')
    )
  })

  it('evaluate', async () => {
    expect((await run(['evaluate', 'a'])).stdout).toBe(
      [
        '          accuracy  loss',
        'exit 1     50.00 %     -',
        'exit 2     75.00 %   0.5',
        'ensemble   80.00 %   0.4',
        ''
      ].join('\n')
    )
  })

  it('inspect', async () => {
    const { stdout } = await run(['inspect', 'a'])
    expect(stdout).toContain('network         ResNet18, width 8, 10 classes\n')
    expect(stdout).toContain('multiply-adds   7,654,321\n')
    expect(stdout).toContain('   1       1,000          2,000           3.5            -\n')
    expect(stdout).toContain('1 tensors; --tensors lists them.')
    expect((await run(['inspect', 'a', '--tensors'])).stdout).toContain('conv1.weight  8 x 3 x 3 x 3  F32')
  })

  it('predict', async () => {
    const { stdout } = await run(['predict', 'a'])
    expect(stdout).toContain('class 1 (75.00 %)')
  })

  it('export', async () => {
    expect((await run(['export', 'a', '--out', 'b'])).stdout).toBe('net.safetensors (12,345 bytes)\n')
  })
})

describe('requests', () => {
  const requestOf = async (...argv: string[]) => {
    const { engine, status, stderr } = await run(argv)
    expect(stderr).toBe('')
    expect(status).toBe(0)
    return engine.calls[0]
  }

  it('evaluate and predict', async () => {
    expect(await requestOf('evaluate', 'a')).toEqual({
      name: 'evaluate',
      request: { path: 'a', data: dataset, seed: 0 }
    })
    const named = await requestOf('predict', 'a', '--data', 'd', '--split', 'train', '--limit', '10', '--seed', '7')
    expect(named?.request).toEqual({ path: 'a', data: { ...dataset, name: 'd', split: 'train', limit: 10 }, seed: 7 })
    const raw = await requestOf('evaluate', 'a', '--images', 'x.f32', '--shape', '2,4,4,1', '--labels', '1, 0')
    expect(raw?.request).toMatchObject({
      data: { kind: 'arrays', imagesPath: 'x.f32', shape: [2, 4, 4, 1], labels: [1, 0] }
    })
  })

  it('--backend reaches the engine', async () => {
    expect((await run(['evaluate', 'a', '--backend', 'wasm'])).backend).toBe('wasm')
    expect((await run(['evaluate', 'a'])).backend).toBeUndefined()
  })

  it('--executor reaches the engine', async () => {
    expect((await run(['evaluate', 'a', '--executor', 'xla'])).executor).toBe('xla')
    expect((await run(['train', '--out', 'a'])).executor).toBeUndefined()
  })

  it('probes, with their defaults', async () => {
    const checkpoints = [{ path: 'a' }]
    const sampled = { ...dataset, limit: 1000, orFewer: true }
    expect(await requestOf('probe', 'embedding', 'a')).toEqual({
      name: 'probe embedding',
      request: { checkpoints, data: sampled, seed: 0, method: 'umap', dims: 2, neighbors: 15, minDist: 0.1 }
    })
    expect((await requestOf('probe', 'discriminativeness', 'a'))?.request).toEqual({
      ...{ checkpoints, data: dataset, seed: 0, features: 'raw', resamples: 200 }
    })
    expect((await requestOf('probe', 'flatness', 'a'))?.request).toEqual({
      ...{ checkpoints, data: sampled, seed: 0, sigmas: 'auto', draws: 5, protocols: ['b'], split: 'both' }
    })
    expect((await requestOf('probe', 'gradients', 'a'))?.request).toEqual({
      ...{ checkpoints, data: { ...dataset, limit: 256, orFewer: true }, seed: 0, batchSize: null }
    })
    expect((await requestOf('probe', 'history', 'a'))?.request).toEqual({ checkpoints })
  })

  it('probes, with options', async () => {
    const embedding = await requestOf('probe', 'embedding', 'a', '--method', 'pca', '--dims', '3', '--limit', '50')
    expect(embedding?.request).toMatchObject({ method: 'pca', dims: 3, data: { limit: 50 } })
    const flatness = await requestOf(
      ...['probe', 'flatness', 'a', 'b', '--sigmas', '0,0.01,1e-1', '--draws', '2', '--protocol', 'a,c,a'],
      ...['--split', 'train', '--name', 'first', '--name', 'second', '--role', 'x', '--role', 'y']
    )
    expect(flatness?.request).toMatchObject({
      ...{ sigmas: [0, 0.01, 0.1], draws: 2, protocols: ['a', 'c'], split: 'train', data: { split: 'train' } },
      checkpoints: [
        { path: 'a', name: 'first', role: 'x' },
        { path: 'b', name: 'second', role: 'y' }
      ]
    })
    const given = await requestOf('probe', 'flatness', 'a', '--images', 'x', '--shape', '1,1,1,1', '--labels', '0')
    expect(given?.request).toMatchObject({ split: 'given', data: { kind: 'arrays' } })
    const gradients = await requestOf('probe', 'gradients', 'a', '--preset', 'autodidact-default', '--lambda', '0')
    expect(gradients?.request).toMatchObject({ preset: 'autodidact-default', lambda: 0 })
  })
})

describe('probe --out', () => {
  it('writes the report as a whole and says so on stderr', async () => {
    const out = join(folder, 'report.json')
    const { status, stdout, stderr } = await run(['probe', 'history', 'a', '--out', out])
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: `Wrote ${out}.\n` })
    expect(await readFile(out, 'utf8')).toBe(formatReport(historyReport))
    const json = await run(['probe', 'history', 'a', '--out', out, '--json', '--quiet'])
    expect(json).toMatchObject({ stdout: formatReport(historyReport), stderr: '' })
  })

  it('refuses a bad place before the work', async () => {
    const nowhere = join(folder, 'none', 'report.json')
    const { status, stderr, backend } = await run(['probe', 'history', 'a', '--out', nowhere])
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `${nowhere} cannot be written: its folder does not exist.\n`
    })
    expect(backend).toBe('not created')
    expect((await run(['probe', 'history', 'a', '--out', folder])).stderr).toBe(`${folder} is a folder, not a file.\n`)
  })

  it('without it, a summary is printed', async () => {
    expect((await run(['probe', 'history', 'a'])).stdout).toContain('self-distillation')
  })
})
