import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { UserError } from '../../../../src-shared/errors.ts'
import { hostileFiles } from '../../../fixtures/hostile/corpus.ts'
import { buildProgram, readOutcomes, runConfined, type Confined } from './confined-child.ts'
import type { Outcome } from './open-files.ts'

/** A file may take two seconds; a process that is silent for this long is one that hangs, on the busiest machine. */
const silenceMs = 60_000
const mostCpuMs = 2000
const mostBytes = 512 * 2 ** 20

let confined: Confined
let outcomes: Map<string, Outcome>
let peakBytes: number
let unfinished: string | null
let folder: string
const paths = new Map<string, string>()

/** A path as sentences show it. */
const shownPath = (path: string): string => new UserError(path).message

/** Writes every file into a folder of its own, what lies outside beside that, and opens all in one confined process. */
beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'autodidact-hostile-')))
  for (const { name, files, outside } of hostileFiles) {
    const own = join(folder, name, 'own')
    mkdirSync(own, { recursive: true })
    for (const [file, content] of outside ?? []) writeFileSync(join(folder, name, file), content)
    for (const [file, content] of files) writeFileSync(join(own, file), content)
    paths.set(name, join(own, [...files.keys()][0]!))
  }
  const list = join(folder, 'hostile-list.json')
  writeFileSync(list, JSON.stringify([...paths.values()]))
  const program = await buildProgram('open-files')
  const owns = [...paths.keys()].map((name) => join(folder, name, 'own'))
  confined = await runConfined(program, [list], { readable: [list, ...owns], silenceMs })
  const read = readOutcomes(confined)
  outcomes = new Map(read.outcomes.map((outcome) => [outcome.path, outcome]))
  ;({ peakBytes, unfinished } = read)
}, 300_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('there are at least sixty, each of its own name', () => {
  expect(hostileFiles.length).toBeGreaterThanOrEqual(60)
  expect(paths.size).toBe(hostileFiles.length)
})

test('one process opens them all, and lives', () => {
  expect(unfinished).toBeNull()
  expect(confined).toMatchObject({ code: 0, signal: null, stderr: '' })
})

test('all of them together take less memory than one may', () => {
  expect(peakBytes).toBeLessThan(mostBytes)
})

describe('each is refused in one sentence', () => {
  test.each([...hostileFiles])('$name', ({ name }) => {
    const path = paths.get(name)!
    const outcome = outcomes.get(path)
    expect(outcome).toMatchObject({ end: 'refused', path })
    expect(outcome!.message).toMatch(/^[^\p{Cc}]{10,700}\.$/u)
    expect(outcome!.message.startsWith(shownPath(path))).toBe(true)
    expect(outcome!.cpuMs).toBeLessThan(mostCpuMs)
  })
})

test('the sentences are those that people have read and found good', async () => {
  const lines = hostileFiles.map(({ name }) => {
    const path = paths.get(name)!
    return `${name}: ${outcomes.get(path)?.message.replaceAll(`${dirname(path)}/`, '')}`
  })
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('../../../fixtures/hostile/sentences.txt')
  // A permission that Node refused would mean that something outside was tried.
  expect(lines.filter((line) => /permission|ERR_ACCESS/i.test(line))).toEqual([])
})

test('nothing was written, and nothing was run', () => {
  for (const [name, path] of paths) {
    const { files, outside } = hostileFiles.find((file) => file.name === name)!
    expect(readdirSync(join(folder, name)).sort()).toEqual(['own', ...(outside?.keys() ?? [])].sort())
    expect(readdirSync(join(folder, name, 'own')).sort()).toEqual([...files.keys()].sort())
    expect(Buffer.compare(readFileSync(path), [...files.values()][0]!)).toBe(0)
  }
})
