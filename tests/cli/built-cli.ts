import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, expect } from 'vitest'
import { encodeIdx, writeTinyDataset } from '../engine/data/idx-fixtures.ts'
import { ensureBuilt } from '../helpers/built.ts'

export type Ended = { status: number | null; stdout: string; stderr: string }
type Options = {
  cwd?: string
  /** Given the child as soon as it runs. */
  onStart?: (child: ChildProcess) => void
  /** The program and its arguments, given those of the command line. */
  through?: (command: string[]) => string[]
}

/** The built program, made of the present sources. */
export const program = join(await ensureBuilt('node'), 'cli.js')

/** Runs the built command line as a process of its own until it ends. */
export function runBuilt(
  args: string[],
  { cwd, onStart, through = (command) => command }: Options = {}
): Promise<Ended> {
  const [file, ...rest] = through([process.execPath, program, ...args])
  const child = spawn(file!, rest, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended: Ended = { status: null, stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (ended.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (ended.stderr += text))
  onStart?.(child)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => resolve({ ...ended, status }))
  })
}

/** The JSON document of a command that must succeed; `--json` puts nothing else on stdout, `--quiet` nothing on stderr. */
export async function jsonOf<T>(args: string[], options: Options = {}): Promise<T> {
  const { status, stdout, stderr } = await runBuilt([...args, '--json', '--quiet'], options)
  expect(stderr).toBe('')
  expect(status).toBe(0)
  expect(stdout.endsWith('\n')).toBe(true)
  return JSON.parse(stdout) as T
}

/** Expects a refusal: that status, nothing on stdout, and exactly one sentence on stderr; gives the sentence. */
export async function refusalOf(args: string[], status: 1 | 2, options: Options = {}): Promise<string> {
  const ended = await runBuilt([...args, '--quiet'], options)
  expect(ended.stderr).toMatch(/^\S[^\n]*[.!?)]\n$/)
  expect(ended.stderr).not.toMatch(/Unexpected error|^\s+at |undefined|\[object/m)
  expect({ status: ended.status, stdout: ended.stdout }, ended.stderr).toEqual({ status, stdout: '' })
  return ended.stderr.trimEnd()
}

/** A folder for a file's tests, removed after them. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'autodidact-cli-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Every file below a folder with its content, and every folder: what must be untouched. */
export function contentsOf(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name): [string, string] => {
    const path = join(folder, name)
    return [relative(folder, path), statSync(path).isDirectory() ? 'folder' : readFileSync(path).toString('base64')]
  })
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

export type DatasetShape = { train: number; test: number; size?: number; classes?: number }

/** A data set of classes that differ in brightness; 40 test images by default, so that a test takes no time. */
export function writeSmallDataset(
  folder: string,
  { train, test, size = 8, classes = 10 }: DatasetShape
): Promise<string> {
  const images = (count: number) =>
    encodeIdx(
      [count, size, size],
      Array.from({ length: count * size * size }, (_, at) => {
        const index = Math.floor(at / (size * size))
        return ((index % classes) * 20 + ((at * 7919 + index * 104_729) % 41)) % 256
      })
    )
  const labels = (count: number) =>
    encodeIdx(
      [count],
      Array.from({ length: count }, (_, index) => index % classes)
    )
  return writeTinyDataset(folder, {
    trainImages: images(train),
    trainLabels: labels(train),
    testImages: images(test),
    testLabels: labels(test)
  })
}

/** Options of a training that takes seconds. */
export const smallTraining = ['train', '--network', 'resnet18', '--width', '2', '--batch-size', '20']
