import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { EngineResult } from '../../src-shared/contract.ts'
import { contentsOf, jsonOf, runBuilt, smallTraining, testFolder, writeSmallDataset } from './built-cli.ts'

type Trained = EngineResult<'train'>
const folder = testFolder()
const run = join(folder, 'rün ä', '😀')
let data: string
let trained: Trained

beforeAll(async () => {
  data = await writeSmallDataset(join(folder, 'ünï cödé'), { train: 60, test: 40 })
  trained = await jsonOf<Trained>([...smallTraining, '--data', data, '--epochs', '2', '--out', run])
})

const weightsOf = (at: string) => {
  const [checkpoint] = readdirSync(join(at, 'checkpoints'))
  return readFileSync(join(at, 'checkpoints', checkpoint!, 'weights.safetensors'))
}

describe('train', () => {
  test('gives accuracy and loss of every exit and of the ensemble', () => {
    expect(trained).toMatchObject({ run, epochsDone: 2 })
    expect(trained.exits.map(({ exit }) => exit)).toEqual([1, 2, 3, 4])
    for (const { accuracy, loss } of [...trained.exits, trained.ensemble]) {
      expect(accuracy).toBeGreaterThanOrEqual(0)
      expect(accuracy).toBeLessThanOrEqual(1)
      expect(loss).toBeGreaterThan(0)
    }
    expect(Object.keys(contentsOf(run)).filter((name) => /lock|\.tmp/.test(name))).toEqual([])
  })

  test('--seed repeats a run bit for bit, and another one gives another; relative paths work from any folder', async () => {
    const at = (seed: string, out: string) =>
      jsonOf<Trained>([...smallTraining, '--data', 'ünï cödé', '--epochs', '2', '--seed', seed, '--out', out], {
        cwd: folder
      })
    const [same, other] = [await at('0', 'same'), await at('1', 'other')]
    expect(same).toEqual({ ...trained, run: 'same' })
    expect(weightsOf(join(folder, 'same')).equals(weightsOf(run))).toBe(true)
    expect(weightsOf(join(folder, 'other')).equals(weightsOf(run))).toBe(false)
    expect(other.exits).not.toEqual(trained.exits)
  })

  test('Ctrl-C ends it with 130 and a sentence; what was done is kept, and --resume finishes as if nothing had been', async () => {
    const stopped = join(folder, 'stopped')
    const longer = [...smallTraining, '--data', data, '--epochs', '12', '--seed', '5']
    const { status, stdout, stderr } = await runBuilt([...longer, '--out', stopped, '--json', '--quiet'], {
      onStart: (child) => {
        const timer = setInterval(() => {
          if (!existsSync(join(stopped, 'checkpoints'))) return
          const begun = readdirSync(join(stopped, 'checkpoints')).some((name) => parseInt(name) > 0)
          if (begun && child.kill('SIGINT')) clearInterval(timer)
        }, 10)
        child.on('exit', () => clearInterval(timer))
      }
    })
    expect(stderr).toMatch(/^Stopped after step \d+; go on with --resume \S+\.\n$/)
    expect({ status, stdout }).toEqual({ status: 130, stdout: '' })
    expect(Object.keys(contentsOf(stopped)).filter((name) => /lock|\.tmp/.test(name))).toEqual([])
    expect(await jsonOf(['inspect', stopped])).toMatchObject({ format: 'run', width: 2 })
    const finished = await jsonOf<Trained>(['train', '--resume', stopped])
    const whole = await jsonOf<Trained>([...longer, '--out', join(folder, 'whole')])
    expect(finished).toEqual({ ...whole, run: stopped })
    expect(weightsOf(stopped).equals(weightsOf(join(folder, 'whole')))).toBe(true)
  })

  test('without --json it prints a table, and progress and messages stay off stdout', async () => {
    const out = join(folder, 'table')
    const { status, stdout } = await runBuilt([...smallTraining, '--data', data, '--epochs', '1', '--out', out])
    expect(status).toBe(0)
    expect(stdout).toMatch(/^.*, 1 epoch, on the test split:\n/)
    expect(stdout).toMatch(/\nexit 4 +\d+\.\d\d % +[\d.]+\nensemble /)
    expect(stdout).not.toContain('left')
  })
})

describe('evaluate', () => {
  test('equals what train said of the same run', async () => {
    const { exits, ensemble } = await jsonOf<Trained>(['evaluate', run, '--data', data])
    expect({ exits, ensemble }).toEqual({ exits: trained.exits, ensemble: trained.ensemble })
  })

  test('--seed draws other images with --limit, and the same again', async () => {
    const at = (seed: string) =>
      jsonOf<Trained>(['evaluate', run, '--data', data, '--split', 'train', '--limit', '13', '--seed', seed])
    const [first, again, other] = [await at('1'), await at('1'), await at('2')]
    expect(again).toEqual(first)
    expect(other).not.toEqual(first)
  })
})

describe('data list and doctor', () => {
  test('name the data set and the backend', async () => {
    const [known] = await jsonOf<EngineResult<'listDatasets'>>(['data', 'list'])
    expect(known).toMatchObject({ name: 'fashion-mnist', trainCount: 60_000, testCount: 10_000, shape: [28, 28, 1] })
    expect(known?.classes).toHaveLength(10)
    const { backends, chosen } = await jsonOf<EngineResult<'doctor'>>(['doctor'])
    expect(backends.map(({ name }) => name)).toEqual(['native', 'webgpu', 'wasm', 'cpu'])
    expect(backends.find(({ available }) => available)?.name).toBe(chosen)
    for (const { available, reason } of backends) if (!available) expect(reason).toMatch(/\.$/)
  })
})

test('a reader that goes away early is no failure', async () => {
  const { status, stderr } = await runBuilt(['inspect', run, '--json'], {
    through: (command) => ['sh', '-c', '"$@" | head -c 1 >/dev/null', 'sh', ...command]
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})
