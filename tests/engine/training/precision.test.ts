import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/choose.ts'
import { nativePrecisions, withPrecision } from '../../../src-main/engine/backend/precision.ts'
import { tensorSpecs } from '../../../src-main/engine/model/tensor-specs.ts'
import { resnet } from '../../helpers/networks.ts'
import { initialWeights } from '../../../src-main/engine/model/initialize.ts'
import { latestCheckpoint, readCheckpoint } from '../../../src-main/engine/runs/run-folder.ts'
import { initialLossScale } from '../../../src-main/engine/training/loss-scale.ts'
import { Stepper } from '../../../src-main/engine/training/stepper.ts'
import { fromTrainingState, toTrainingState, zeroVelocity } from '../../../src-main/engine/training/training-state.ts'
import { train } from '../../../src-main/engine/training/train.ts'
import { smallConfig, temporaryFolder } from './small-run.ts'

let backend: Backend
beforeAll(async () => {
  backend = await openBackend('native')
})

const network = resnet({ depth: 18, width: 4, classes: 10, inputChannels: 3, exits: 'all' })
const specs = tensorSpecs(network)

/** The state after some steps on the same small batch, and each step's total loss. */
async function stepsOf(computing: Backend, count: number, lossScale?: [number, number]) {
  const { method, distillation, ...sgd } = smallConfig()
  const weights = initialWeights(network, 1)
  const state = toTrainingState(computing, specs, { weights, velocity: zeroVelocity(specs), lossScale })
  const stepper = new Stepper(computing, network, { method, distillation }, sgd, state)
  const totals: number[] = []
  for (let step = 0; step < count; step++) {
    const images = new Float32Array(8 * 16 * 16 * 3).map((_, at) => Math.sin(at * 0.7))
    const labels = Int32Array.of(0, 1, 2, 3, 4, 5, 6, 7)
    await stepper.take({ images, labels, count: 8, shape: [16, 16, 3] }, 0.05, async () => undefined)
    totals.push((await stepper.readMetrics())!.total)
  }
  const after = await fromTrainingState(specs, stepper.state)
  stepper.dispose()
  return { before: weights, totals, ...after }
}

test('with a scaled loss the steps are the same, and good steps are counted', async () => {
  const [plain, scaled] = [await stepsOf(backend, 2), await stepsOf(backend, 2, initialLossScale)]
  expect(scaled.lossScale).toEqual([2 ** 15, 2])
  expect(plain.lossScale).toBeUndefined()
  for (const [name, { data }] of plain.weights)
    data.forEach((value, at) => expect(scaled.weights.get(name)!.data[at]).toBeCloseTo(value, 4))
})

test('a gradient that overflows costs the step and half of the factor', async () => {
  const { before, weights, velocity, lossScale } = await stepsOf(backend, 1, [3e38, 1999])
  expect(lossScale).toEqual([expect.closeTo(1.5e38, -34), 0])
  for (const [name, { data }] of velocity) {
    expect(data.every((value) => value === 0)).toBe(true)
    expect(weights.get(name)!.data).toEqual(before.get(name)!.data)
  }
})

test('after 2,000 good steps the factor doubles', async () => {
  expect((await stepsOf(backend, 1, [1024, 1999])).lossScale).toEqual([2048, 0])
})

test('bfloat16 is near float32 and not it, where the CPU has it', async (context) => {
  if (!backend.precisions.includes('bfloat16')) return context.skip('this CPU has no bfloat16 instructions')
  const [exact, rough] = [await stepsOf(backend, 2), await stepsOf(withPrecision(backend, 'bfloat16'), 2)]
  exact.totals.forEach((total, step) => expect(Math.abs(rough.totals[step]! / total - 1)).toBeLessThan(0.05))
  expect(rough.totals).not.toEqual(exact.totals)
})

test('what a machine offers is told by its CPU', () => {
  const folder = mkdtempSync(join(tmpdir(), 'autodidact-cpu-'))
  const file = (flags: string) => {
    const path = join(folder, 'cpuinfo')
    writeFileSync(path, `processor : 0\nflags\t\t: fpu ${flags}\n`)
    return path
  }
  expect(nativePrecisions(false, file('avx512f avx512_bf16'))).toEqual(['float32', 'bfloat16'])
  expect(nativePrecisions(false, file('avx512f'))).toEqual(['float32'])
  expect(nativePrecisions(false, join(folder, 'missing'))).toEqual(['float32'])
  expect(nativePrecisions(true, file('avx512_bf16'))).toEqual(['float32', 'float16'])
  rmSync(folder, { recursive: true })
})

test('what can not be had is said, before anything is written', async () => {
  const cpu: Backend = { ...backend, precisions: ['float32', 'bfloat16'], device: 'CPU (oneDNN)' }
  expect(() => withPrecision(cpu, 'float16')).toThrow(
    'The precision "float16" is not to be had with native on CPU (oneDNN), which computes in float32 or bfloat16.'
  )
  expect(() => withPrecision({ ...cpu, executor: 'xla' }, 'bfloat16')).toThrow(
    'The precision "bfloat16" needs the executor "graph", not "xla".'
  )
  const run = join(temporaryFolder(), 'run')
  await expect(train(cpu, { out: run, config: smallConfig({ precision: 'float16' }) })).rejects.toThrow('"float16"')
})

test('a run in float16 keeps its factor: cancelled and gone on with it is the run that was not stopped', async () => {
  const gpu: Backend = { ...backend, precisions: ['float32', 'float16'] }
  const config = smallConfig({ precision: 'float16', epochs: 1 })
  const states = []
  for (const isStopped of [false, true]) {
    const run = join(temporaryFolder(), 'run')
    const controller = new AbortController()
    const onProgress = () => isStopped && controller.abort()
    const first = train(gpu, { out: run, config }, { onProgress, signal: controller.signal })
    if (isStopped) {
      await expect(first).rejects.toThrow('Stopped after step')
      await train(gpu, { out: run, config: null })
    } else await first
    states.push(await readCheckpoint(await latestCheckpoint(run)))
  }
  expect(states[0]!.progress.lossScale).toEqual([2 ** 15, 3])
  expect(states[1]).toEqual(states[0])
})
