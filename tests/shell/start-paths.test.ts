import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkpointEndings } from '../../src-shared/checkpoint-endings.ts'
import { readHandedOver, readStartPaths, toHandOver } from '../../src-main/shell/start-paths.ts'

const packed = (argv: string[]) => readStartPaths(argv, { isPackaged: true, cwd: '/work' })
const fromSources = (argv: string[]) => readStartPaths(argv, { isPackaged: false, cwd: '/work' })

describe('files of the command line', () => {
  it.each([
    ['none', ['autodidact'], []],
    [
      'several, below the folder of the start',
      ['autodidact', 'a.safetensors', '/b', '../c'],
      ['/work/a.safetensors', '/b', '/c']
    ],
    ['among switches', ['autodidact', '--no-sandbox', 'a', '-psn_0_1', '--lang=de'], ['/work/a']],
    [
      'that look like switches, after --',
      ['autodidact', '--x', '--', '--odd', '-', 'a'],
      ['/work/--odd', '/work/-', '/work/a']
    ],
    [
      'of any format, and folders',
      ['autodidact', ...checkpointEndings.map((ending) => `net${ending}`), 'epochs/'],
      [...checkpointEndings.map((ending) => `/work/net${ending}`), '/work/epochs']
    ],
    ['empty words', ['autodidact', '', '--', ''], []]
  ])('%s', (_name, argv, paths) => expect(packed(argv)).toEqual(paths.map((path) => resolve(path))))

  it.each([
    ['the app is none of them', ['electron', '.', 'a'], ['/work/a']],
    ['the app between switches', ['electron', '--inspect=0', 'out/main.js', '--', 'a'], ['/work/a']],
    ['only the app', ['electron', '.'], []]
  ])('from sources: %s', (_name, argv, paths) => expect(fromSources(argv)).toEqual(paths.map((path) => resolve(path))))
})

describe('what a second start hands over', () => {
  it('comes as it went', () => expect(readHandedOver(structuredClone(toHandOver(['/a', '/b'])))).toEqual(['/a', '/b']))
  it.each([
    null,
    undefined,
    'x',
    3,
    {},
    { paths: 'x' },
    { paths: [1] },
    { paths: [''] },
    { paths: Array(2000).fill('x') }
  ])('is nothing where it is %j', (data) => expect(readHandedOver(data)).toEqual([]))
})
