import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend, withExecutor } from '../../../src-main/engine/backend/choose.ts'
import { resnet } from '../../helpers/networks.ts'
import { readHistory } from '../../../src-main/engine/runs/history.ts'
import type { Manifest } from '../../../src-main/engine/runs/manifest.ts'
import { latestCheckpoint } from '../../../src-main/engine/runs/run-folder.ts'
import { chooseExecutor } from '../../../src-main/engine/training/choose-executor.ts'
import { train } from '../../../src-main/engine/training/train.ts'
import { executors, type Executor } from '../../../src-shared/contract.ts'
import { smallConfig, temporaryFolder } from './small-run.ts'

let backend: Backend
beforeAll(async () => {
  backend = await openBackend('native')
})

const network = resnet({ depth: 18, width: 2, classes: 10, inputChannels: 1, exits: 'deepest' })
const batch = () => ({
  images: new Float32Array(4 * 16 * 16).map((_, at) => Math.sin(at)),
  labels: Int32Array.of(0, 1, 2, 3),
  count: 4,
  shape: [16, 16, 1] as [number, number, number]
})
const plan = (steps: number) => ({
  backend,
  network,
  config: smallConfig({ method: 'baseline' }),
  steps,
  teacher: null,
  batch
})
const manifestOf = (run: string) => JSON.parse(readFileSync(join(run, 'manifest.json'), 'utf8')) as Manifest
const weightsOf = async (run: string) => readFileSync(join(await latestCheckpoint(run), 'weights.safetensors'))

describe('the choice', () => {
  test('of a short run is the usual executor, with nothing measured', async () => {
    expect(await chooseExecutor(plan(199), {})).toEqual({ executor: 'graph', reason: 'usual', msPerStep: {} })
  })

  test('of a middling run is the usual one after a look at its time', async () => {
    const choice = await chooseExecutor(plan(200), {})
    expect(choice).toMatchObject({ executor: 'graph', reason: 'usual' })
    expect(Object.keys(choice.msPerStep)).toEqual(['graph'])
  })

  test('of a long run is the fastest that was measured, says what it does, and frees its tensors', async () => {
    const before = backend.tensorCount()
    const messages: string[] = []
    const onProgress = ({ message = '' }) => void messages.push(message)
    const { executor, reason, msPerStep } = await chooseExecutor(plan(1e9), { onProgress })
    expect(reason).toBe('measured')
    expect(Object.keys(msPerStep).sort()).toEqual([...executors].sort())
    expect(msPerStep[executor]).toBe(Math.min(...Object.values(msPerStep)))
    expect(messages.some((message) => message.includes('XLA'))).toBe(true)
    expect(backend.tensorCount()).toBe(before)
  })

  test('can be cancelled', async () => {
    const signal = AbortSignal.abort()
    await expect(chooseExecutor(plan(1e9), { signal })).rejects.toThrow('Cancelled')
  })
})

describe('a run', () => {
  test('says how it is computed, and goes on so: the weights are those of a run that was not stopped', async () => {
    const weights: Buffer[] = []
    for (const isStopped of [false, true]) {
      const run = join(temporaryFolder(), 'run')
      const controller = new AbortController()
      const onProgress = () => isStopped && controller.abort()
      const first = train(
        backend,
        { out: run, config: smallConfig() },
        { executor: 'eager', onProgress, signal: controller.signal }
      )
      if (isStopped) {
        await expect(first).rejects.toThrow('Stopped after step')
        await train(backend, { out: run, config: null })
      } else await first
      expect(manifestOf(run).execution).toEqual({
        executor: 'eager',
        reason: 'asked',
        threads: backend.threads,
        msPerStep: {}
      })
      weights.push(await weightsOf(run))
    }
    expect(weights[0]!.equals(weights[1]!)).toBe(true)
  })

  test('is much the same with every executor', async () => {
    const losses = async (executor: Executor) => {
      const run = join(temporaryFolder(), 'run')
      const messages: string[] = []
      const onProgress = ({ message = '' }) => void messages.push(message)
      await train(backend, { out: run, config: smallConfig({ epochs: 1 }) }, { executor, onProgress })
      expect(messages[0]).toMatch(executor === 'xla' ? /^Compiling with XLA/ : /^Training/)
      return (await readHistory(run)).steps.map(({ total }) => total)
    }
    const eager = await losses('eager')
    for (const executor of ['graph', 'xla'] as const) {
      const others = await losses(executor)
      others.forEach((loss, index) => expect(Math.abs(loss / eager[index]! - 1)).toBeLessThan(1e-3))
    }
  })

  test('that was begun with another number of threads says how to go on', async () => {
    const run = join(temporaryFolder(), 'run')
    await train(backend, { out: run, config: smallConfig({ epochs: 1 }) })
    const manifest = manifestOf(run)
    writeFileSync(
      join(run, 'manifest.json'),
      JSON.stringify({ ...manifest, execution: { ...manifest.execution, threads: 97 } })
    )
    await expect(train(backend, { out: run, config: null })).rejects.toThrow(
      `${run} was begun with 97 threads; set TF_NUM_INTRAOP_THREADS=97, so that its results stay the same.`
    )
  })
})

test('a backend that runs op by op only refuses other executors', () => {
  expect(() => withExecutor({ ...backend, name: 'wasm', isNative: false, executor: 'eager' }, 'xla')).toThrow(
    'The executor "xla" needs the backend native; "wasm" has none but "eager".'
  )
  expect(withExecutor(backend, undefined)).toBe(backend)
  expect(withExecutor(backend, 'xla').executor).toBe('xla')
})
