import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest'
import { readGolden } from '../engine/golden/golden.ts'
import { contentsOf, jsonOf, refusalOf, runBuilt, smallTraining, testFolder, writeSmallDataset } from './built-cli.ts'

const folder = testFolder()
const { weights } = readGolden('bottleneck-resnet18-w8')
const isRoot = process.getuid?.() === 0
let train: string[]
let report: string

beforeAll(async () => {
  const data = await writeSmallDataset(join(folder, 'data'), { train: 30, test: 10 })
  train = [...smallTraining, '--data', data, '--epochs', '2']
  await jsonOf([...train, '--out', join(folder, 'run')])
  report = join(folder, 'report.json')
  await jsonOf(['probe', 'history', join(folder, 'run'), '--out', report])
})

/** No file may grow beyond `kilobytes`, and the program hears of it as an error: a disk that fills up while it writes. */
const withLargestFile = (kilobytes: number) => (command: string[]) => [
  ...['bash', '-c', `trap '' XFSZ; ulimit -f ${kilobytes}; exec "$@"`, 'bash'],
  ...command
]

function skipWithoutLinux({ skip }: TestContext): void {
  if (process.platform !== 'linux') skip('Limits and mounts are made the way of Linux.')
}

describe('a file that the disk does not take', () => {
  test('export and figure: the file that was there is kept, and no piece of the new one', async (context) => {
    skipWithoutLinux(context)
    const target = join(folder, 'target')
    mkdirSync(target)
    writeFileSync(join(target, 'net.safetensors'), 'old weights')
    writeFileSync(join(target, 'f.svg'), 'old picture')
    const before = contentsOf(target)
    const through = { through: withLargestFile(8) }
    const exported = join(target, 'net.safetensors')
    expect(await refusalOf(['export', weights, '--out', exported], 1, through)).toBe(
      `${exported} is larger than its disk allows.`
    )
    await refusalOf(['figure', report, '--out', join(target, 'f.svg')], 1, { through: withLargestFile(1) })
    expect(contentsOf(target)).toEqual(before)
  })

  test('train: the run keeps what it had, and goes on when there is room again', async (context) => {
    skipWithoutLinux(context)
    const out = join(folder, 'cramped')
    const sentence = await refusalOf([...train, '--out', out], 1, { through: withLargestFile(8) })
    expect(sentence).toMatch(/cramped\/.* is larger than its disk allows\.$/)
    expect(Object.keys(contentsOf(out)).filter((name) => /lock|\.tmp/.test(name))).toEqual([])
    expect(await jsonOf(['train', '--resume', out])).toMatchObject({ epochsDone: 2 })
  })
})

describe('a full disk', () => {
  const mount = join(folder, 'small')
  let reason = ''

  beforeAll(() => {
    mkdirSync(mount)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=200k', 'tmpfs', mount], { stdio: 'ignore' })
    } catch {
      reason = 'A small disk can be mounted by root only, and not in every container.'
    }
  })
  afterAll(() => {
    if (!reason) execFileSync('umount', [mount])
  })

  test('export says so and leaves what was there', async ({ skip }) => {
    if (reason) skip(reason)
    writeFileSync(join(mount, 'mine.txt'), 'mine')
    const before = contentsOf(mount)
    const out = join(mount, 'net.safetensors')
    expect(await refusalOf(['export', weights, '--out', out], 1)).toBe(
      `The disk that holds ${out} is full; free some space and try again.`
    )
    expect(contentsOf(mount)).toEqual(before)
  })

  test('train stops, and the run goes on from its last checkpoint elsewhere', async ({ skip }) => {
    if (reason) skip(reason)
    const out = join(mount, 'run')
    expect(await refusalOf([...train, '--epochs', '40', '--out', out], 1)).toMatch(/^The disk that holds .* is full;/)
    const moved = join(folder, 'moved')
    cpSync(out, moved, { recursive: true })
    rmSync(out, { recursive: true })
    expect(Object.keys(contentsOf(moved)).filter((name) => /lock|\.tmp/.test(name))).toEqual([])
    expect(await jsonOf(['inspect', moved])).toMatchObject({ width: 2 })
  })

  test('of what stdout goes to is a failure, too', async ({ skip }) => {
    if (process.platform !== 'linux') skip('Only Linux has /dev/full.')
    const { status, stderr } = await runBuilt(['inspect', weights, '--json'], {
      through: (command) => ['sh', '-c', 'exec "$@" >/dev/full', 'sh', ...command]
    })
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: 'The disk that holds the output is full; free some space and try again.\n'
    })
  })
})

describe('no permission', () => {
  // Nothing is forbidden to root: the program runs as nobody then.
  const through = (command: string[]) =>
    isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', ...command] : command

  test('to read a checkpoint, to write a file, to begin a run', async ({ skip }) => {
    const locked = join(folder, 'locked')
    mkdirSync(locked)
    const secret = join(folder, 'secret.safetensors')
    writeFileSync(secret, readFileSync(weights), { mode: 0o000 })
    chmodSync(folder, 0o755)
    if (isRoot) chownSync(locked, 0, 0)
    chmodSync(locked, 0o555)
    try {
      const [file, ...rest] = through([process.execPath, '-e', `fs.readFileSync(${JSON.stringify(weights)})`])
      execFileSync(file!, rest, { stdio: 'ignore' })
    } catch {
      skip('The program cannot be run as another user here.')
    }
    const before = contentsOf(locked)
    const option = { through }
    expect(await refusalOf(['inspect', secret], 1, option)).toBe(`There is no permission to use ${secret}.`)
    const out = join(locked, 'f.svg')
    expect(await refusalOf(['figure', report, '--out', out], 1, option)).toBe(`There is no permission to use ${out}.`)
    const exported = join(locked, 'net.safetensors')
    expect(await refusalOf(['export', weights, '--out', exported], 1, option)).toContain('There is no permission to')
    expect(await refusalOf([...train, '--out', join(locked, 'run')], 1, option)).toContain('There is no permission to')
    expect(contentsOf(locked)).toEqual(before)
  })
})
