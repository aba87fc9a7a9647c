import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createEngine } from '../../src-main/engine/engine.ts'
import { writeTinyDataset } from '../engine/data/idx-fixtures.ts'
import { run } from './run.ts'

describe('data add', () => {
  it('asks with the whole path and what was chosen, and says what was measured', async () => {
    const { status, stdout, engine } = await run(['data', 'add', 'cats', 'pets', '--size', '64', '--copy'])
    expect(status).toBe(0)
    expect(engine.calls).toEqual([
      {
        name: 'addDataset',
        request: { name: 'cats', path: resolve('pets'), size: 64, labels: null, copy: true }
      }
    ])
    expect(stdout).toBe(
      [
        `name  train  test  classes  image        licence  ${'format'.padEnd(58)}  folder`,
        'cats     80    20        2  64 x 64 x 3  unknown  image folder, 1/5 of each class is the test split (seed 0)  /pictures',
        'Classes: cat, dog.',
        'Mean 0.5000, 0.2500, 0.1250, deviation 0.1000, 0.2000, 0.3000 of the train split; networks see 64 x 64 pixels.',
        ''
      ].join('\n')
    )
  })

  it.each([
    [['--size', '7'], '--size must be a whole number of at least 8 and at most 1024, not "7".'],
    [['--size', '32.5'], '--size must be a whole number of at least 8 and at most 1024, not "32.5".'],
    [['--labels', 'rough'], '--labels must be one of fine or coarse, not "rough".']
  ])('%j is wrong usage', async (argv, sentence) => {
    const { status, stderr, engine } = await run(['data', 'add', 'cats', 'pets', ...argv])
    expect([status, stderr.trim(), engine.calls]).toEqual([2, sentence, []])
  })

  it('control characters of names do not reach the terminal', async () => {
    const added = {
      ...{ name: 'cats', path: '/pic\u001btures', classes: ['c\u001b[2Jat', 'd\u202eog'], trainCount: 1, testCount: 1 },
      ...{ shape: [32, 32, 3] as [number, number, number], licence: 'unknown', format: 'IDX', inputSize: 32 },
      ...{ mean: null, deviation: null, isRegistered: true }
    }
    const { stdout } = await run(['data', 'add', 'cats', 'pets'], { engine: { addDataset: async () => added } })
    expect(stdout).toContain('Classes: c\ufffd[2Jat, d\ufffdog.')
    expect(stdout).toContain('/pic\ufffdtures')
  })

  it('without a path is wrong usage', async () => {
    expect((await run(['data', 'add', 'cats'])).status).toBe(2)
    expect((await run(['data', 'add', 'cats', ''])).stderr).toBe('The argument path must not be empty.\n')
  })
})

it('data remove says what became of the files', async () => {
  expect((await run(['data', 'remove', 'cats'])).stdout).toBe('cats is forgotten; /pictures stays as it is.\n')
  const removeDataset = () => Promise.resolve({ name: 'cats', path: '/home/cats', isDeleted: true })
  expect((await run(['data', 'remove', 'cats'], { engine: { removeDataset } })).stdout).toBe(
    "cats is forgotten, and the lab's copy /home/cats is deleted.\n"
  )
})

describe('with the engine itself', () => {
  let folder: string
  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'cli-data-')))
    vi.stubEnv('AUTODIDACT_HOME', join(folder, 'home'))
  })
  afterAll(async () => {
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true })
  })
  const { listDatasets, addDataset, removeDataset } = createEngine()
  const engine = { listDatasets, addDataset, removeDataset }

  it('adds, lists and removes in the home of the lab', async () => {
    const path = await writeTinyDataset(join(folder, 'tiny'))
    const added = await run(['data', 'add', 'mine', path, '--json'], { engine })
    expect(added.stderr).toBe('')
    const summary = JSON.parse(added.stdout) as unknown
    expect(summary).toMatchObject({ name: 'mine', path, trainCount: 6, format: 'IDX', isRegistered: true })
    const listed = JSON.parse((await run(['data', 'list', '--json'], { engine })).stdout) as unknown[]
    expect(listed[1]).toEqual(summary)
    const twice = await run(['data', 'add', 'mine', path], { engine })
    expect([twice.status, twice.stderr]).toEqual([
      2,
      'There is a data set mine already; choose another name, or remove it first.\n'
    ])
    expect((await run(['data', 'remove', 'mine'], { engine })).stdout).toBe(
      `mine is forgotten; ${path} stays as it is.\n`
    )
    const broken = await run(['data', 'add', 'mine', folder], { engine })
    expect([broken.status, broken.stderr.split(':')[0]]).toEqual([1, `${folder} is no data set`])
  })
})
