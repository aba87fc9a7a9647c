import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { latestCheckpoint } from '../../src-main/engine/runs/run-folder.ts'
import { readGolden } from '../engine/golden/golden.ts'
import { contentsOf, jsonOf, refusalOf, smallTraining, testFolder, writeSmallDataset } from './built-cli.ts'

const folder = testFolder()
const at = (...names: string[]) => join(folder, ...names)
const { weights } = readGolden('bottleneck-resnet18-w8')
let train: string[]

beforeAll(async () => {
  const data = await writeSmallDataset(at('data'), { train: 30, test: 10 })
  train = [...smallTraining, '--data', data, '--epochs', '1']
  await jsonOf([...train, '--out', at('run')])
  const bytes = readFileSync(weights)
  writeFileSync(at('empty.safetensors'), '')
  writeFileSync(at('short.safetensors'), bytes.subarray(0, bytes.length / 2))
  writeFileSync(at('header.safetensors'), bytes.subarray(0, 500))
  const corrupt = Buffer.from(bytes)
  corrupt.write('!', 8)
  writeFileSync(at('corrupt.safetensors'), corrupt)
  writeFileSync(at('picture.safetensors'), 'GIF89a, or something else that is long enough')
  writeFileSync(at('package.json'), '{"name": "something", "version": "1.0.0"}')
  writeFileSync(at('unfinished.json'), '{"version": 1, "kind": "flat')
  writeFileSync(at('newer.json'), '{"version": 99, "kind": "flatness"}')
  mkdirSync(at('nothing'))
})

describe('a wrong file is refused with status 1 and leaves nothing behind', () => {
  test.each([
    [['inspect', 'missing'], 'missing does not exist.'],
    [
      ['inspect', 'nothing'],
      'nothing is a folder, but not the folder of a run, and no checkpoints lie directly in it.'
    ],
    [['inspect', 'empty.safetensors'], 'empty.safetensors is empty.'],
    [['inspect', 'short.safetensors'], 'short.safetensors: the tensors need '],
    [['evaluate', 'header.safetensors'], 'header.safetensors is not a safetensors file: its header would be'],
    [['inspect', 'corrupt.safetensors'], 'corrupt.safetensors is no checkpoint that is read here; PyTorch, '],
    [['export', 'picture.safetensors', '--out', 'out.safetensors'], 'picture.safetensors is text, not a checkpoint'],
    [['predict', 'run/manifest.json'], 'run/manifest.json is text, not a checkpoint'],
    [['figure', 'missing.json', '--out', 'f.svg'], 'missing.json does not exist.'],
    [['figure', 'package.json', '--out', 'f.svg'], 'package.json is JSON but no report'],
    [['figure', 'unfinished.json', '--out', 'f.svg'], 'unfinished.json is not JSON'],
    [['figure', 'newer.json', '--out', 'f.svg'], 'newer.json has the version 99, but this software reads up to 1'],
    [['figure', 'newer.json', '--out', 'no/f.svg'], 'no/f.svg cannot be written: its folder does not exist.'],
    [['export', 'run', '--out', 'no/x.safetensors'], 'no/x.safetensors cannot be written: its folder does not exist.'],
    [['probe', 'history', 'run', '--out', 'nothing'], 'nothing is a folder, not a file.'],
    [['train', '--resume', 'nothing'], 'nothing/manifest.json does not exist.']
  ])('%j', async (args, sentence) => {
    const before = contentsOf(folder)
    expect(await refusalOf(args, 1, { cwd: folder })).toContain(sentence)
    expect(contentsOf(folder)).toEqual(before)
  })
})

describe('what cannot be done is wrong usage, before anything is written', () => {
  test.each([
    [['--data', 'nowhere'], 'There is no data set or folder named "nowhere"; the data sets known are: fashion-mnist.'],
    [['--lr', '-1'], '--lr must be a number above 0, not "-1".'],
    [['--width', '1e9'], '--width must be a whole number of at least 1 and at most 1024, not "1e9".'],
    [['--limit', '31'], 'The limit of 31 images is more than the 30 images there are.'],
    [['--limit', '1'], 'There is one image to train on; two at least are needed'],
    [['--out', ''], '--out must not be empty.']
  ])('train %j', async (changes, sentence) => {
    const before = contentsOf(folder)
    expect(await refusalOf([...train, '--out', 'new/run', ...changes], 2, { cwd: folder })).toContain(sentence)
    expect(contentsOf(folder)).toEqual(before)
  })

  test('a data set of one class', async () => {
    await writeSmallDataset(at('one'), { train: 4, test: 4, classes: 1 })
    const before = contentsOf(folder)
    const options = { cwd: folder }
    expect(await refusalOf([...train, '--data', 'one', '--out', 'new'], 2, options)).toContain('has one class only')
    expect(contentsOf(folder)).toEqual(before)
  })
})

describe('training that goes wrong', () => {
  test('a batch of an odd number of images, and a last one of one, are no trouble', async () => {
    const out = at('odd')
    await jsonOf([...train, '--limit', '7', '--batch-size', '3', '--out', out])
    expect(await latestCheckpoint(out)).toMatch(/00000002-0001$/)
  })

  test.each([
    ['--lr', '1e30'],
    ['--weight-decay', '1e30']
  ])('%s %s: training stops, says so, and the last good checkpoint opens', async (flag, value) => {
    const out = at(`diverged${flag}`)
    const sentence = await refusalOf([...train, flag, value, '--out', out], 1)
    expect(sentence).toMatch(/^Training diverged at step \d+: .* last good checkpoint is kept in .*diverged--/)
    expect(await jsonOf(['inspect', out])).toMatchObject({ format: 'run', width: 2 })
    expect(Object.keys(contentsOf(out)).filter((name) => /lock|\.tmp/.test(name))).toEqual([])
  })
})

describe('a run that cannot be trained in is left as it is', () => {
  const refused = async (name: string, args: string[], spoil: (copy: string) => void): Promise<string> => {
    const copy = at(name)
    cpSync(at('run'), copy, { recursive: true })
    spoil(copy)
    const before = contentsOf(copy)
    const sentence = await refusalOf(args.length ? args : ['train', '--resume', copy], 1)
    expect(contentsOf(copy)).toEqual(before)
    return sentence
  }
  const editManifest = (copy: string, edit: (text: string) => string) => {
    const path = join(copy, 'manifest.json')
    writeFileSync(path, edit(readFileSync(path, 'utf8')))
  }

  test('locked by another process', async () => {
    const lock = JSON.stringify({ pid: process.pid, host: hostname() })
    const sentence = await refused('locked', [], (copy) => writeFileSync(join(copy, 'lock.json'), lock))
    expect(sentence).toBe(`The run ${at('locked')} is in use by the process ${process.pid}; wait for it, or stop it.`)
  })

  test('written by a newer version, to train, inspect or evaluate', async () => {
    const newer = (copy: string) =>
      editManifest(copy, (text) => text.replace('"schemaVersion": 1', '"schemaVersion": 2'))
    expect(await refused('newer', [], newer)).toContain('was written by a newer version of Autodidact (layout 2).')
    expect(await refusalOf(['inspect', at('newer')], 1)).toContain('newer version of Autodidact')
  })

  test('with a damaged manifest', async () => {
    const cut = (copy: string) => editManifest(copy, (text) => text.slice(0, 100))
    expect(await refused('cut', [], cut)).toMatch(/manifest\.json is damaged: it is not JSON\.$/)
  })

  test('a folder with something in it as --out', async () => {
    const sentence = await refused('run-again', [...train, '--out', at('run-again')], () => {})
    expect(sentence).toBe(`${at('run-again')} is not empty; choose another folder, or go on with its run by --resume.`)
    mkdirSync(at('thesis'))
    writeFileSync(at('thesis', 'thesis.txt'), 'mine')
    await refusalOf([...train, '--out', at('thesis')], 1)
    expect(contentsOf(at('thesis'))).toEqual({ 'thesis.txt': Buffer.from('mine').toString('base64') })
  })
})

test('a file as a result is never put in the place of a device', async (context) => {
  const device = at('null')
  try {
    execFileSync('mknod', [device, 'c', '1', '3'], { stdio: 'ignore' })
    writeFileSync(device, 'x')
  } catch {
    return context.skip('Only root can make a device to write to, here.')
  }
  await jsonOf(['export', weights, '--out', device])
  expect(existsSync(device)).toBe(true)
  expect(readFileSync(device)).toHaveLength(0)
})
