import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { preprocessingCheck } from './fake-engine.ts'
import { run } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'autodidact-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))
const asked = { path: 'net.pth', data: 'd', limit: 500, seed: 0, preprocessing: null }
const [better, asSet] = preprocessingCheck.alternatives
const ask = (...options: string[]) => run(['preprocessing', 'net.pth', '--data', 'd', ...options])

describe('the table', () => {
  it('says what is set and what would be better', async () => {
    const { stdout, status, engine } = await ask()
    expect(status).toBe(0)
    expect(engine.calls).toEqual([{ name: 'checkPreprocessing', request: asked }])
    expect(stdout).toBe(
      [
        'preprocessing  accuracy  loss  values',
        'plain 0 to 1    78.00 %   0.5  32 px padded, mean 0, deviation 1',
        'd means         47.00 %     -  32 px padded, mean 0.25, deviation 0.5  set',
        '',
        '47 % as set, 78 % with plain 0 to 1. Of the deepest exit, on 500 images.',
        'Guessed: d means. It is usual.',
        ''
      ].join('\n')
    )
  })

  it('as JSON', async () => {
    const { stdout } = await ask('--json', '--limit', '50')
    expect(JSON.parse(stdout)).toEqual({ ...preprocessingCheck, written: null })
  })
})

describe('--set', () => {
  it.each([
    ['best', better],
    ['Plain 0 to 1', better],
    ['d means', asSet]
  ])('%s', async (label, chosen) => {
    const { stdout, engine } = await ask('--set', label)
    const { preprocessing } = chosen!
    expect(engine.calls.at(-1)).toEqual({ name: 'setPreprocessing', request: { path: 'net.pth', preprocessing } })
    expect(stdout).toContain(`Kept ${chosen!.label} in net.pth.autodidact.json.\n`)
  })

  it('names the labels that there are', async () => {
    const { stderr, status } = await ask('--set', 'CIFAR')
    expect(status).toBe(2)
    expect(stderr).toBe('--set must be best or one of "plain 0 to 1", "d means", not "CIFAR".\n')
  })
})

describe('values', () => {
  it('are kept without a check; what is left out is as it is set or guessed', async () => {
    const { stdout, engine } = await ask('--mean', '0.5', '--size', '64', '--channels', 'bgr', '--fit', 'resize')
    const preprocessing = { size: 64, mean: [0.5], deviation: [0.5], channelOrder: 'bgr', fit: 'resize' }
    expect(engine.calls).toEqual([
      { name: 'findPreprocessing', request: { path: 'net.pth', data: 'd' } },
      { name: 'setPreprocessing', request: { path: 'net.pth', preprocessing } }
    ])
    expect(stdout).toBe('64 px resized, mean 0.5, deviation 0.5, BGR\nKept in net.pth.autodidact.json.\n')
  })

  it('and a row of the table are two things', async () => {
    const { stderr, status } = await ask('--mean', '0.5', '--set', 'best')
    expect(status).toBe(2)
    expect(stderr).toBe('--set takes a row of the table; leave it out where values are given.\n')
  })

  it.each([
    ['--mean', '0.5,x', '--mean must be a number (several with commas), not "0.5,x".\n'],
    ['--size', '0', '--size must be a whole number of at least 1 and at most 2048, not "0".\n'],
    ['--channels', 'gbr', '--channels must be one of rgb or bgr, not "gbr".\n'],
    ['--limit', '5', '--limit must be a whole number of at least 10 and at most 10000, not "5".\n']
  ])('%s %s is refused', async (flag, value, sentence) => {
    const { stderr, status } = await ask(flag, value)
    expect([status, stderr]).toEqual([2, sentence])
  })
})

describe('--classes', () => {
  it('keeps the names of a file, one a line', async () => {
    const path = join(folder, 'names.txt')
    writeFileSync(path, 'cat\r\n dog \n\n')
    const { engine, stdout } = await ask('--classes', path, '--json')
    const request = { path: 'net.pth', classes: ['cat', 'dog'] }
    expect(engine.calls).toEqual([{ name: 'setPreprocessing', request }])
    expect(JSON.parse(stdout)).toEqual({
      preprocessing: null,
      classes: ['cat', 'dog'],
      written: { path: 'net.pth.autodidact.json', isInLab: false }
    })
  })

  it('says where the file is missing', async () => {
    const { stderr, status } = await ask('--classes', join(folder, 'none.txt'))
    expect([status, stderr]).toEqual([1, `${join(folder, 'none.txt')} does not exist.\n`])
  })
})
