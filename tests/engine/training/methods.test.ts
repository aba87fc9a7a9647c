import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CancelledError } from '../../../src-shared/errors.ts'
import type { EpochRecord } from '../../../src-shared/reports.ts'
import { buildRunConfig, type TrainOptions } from '../../../src-shared/train-options.ts'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/choose.ts'
import { openNetwork } from '../../../src-main/engine/checkpoint/checkpoint.ts'
import { readHistory } from '../../../src-main/engine/runs/history.ts'
import { latestCheckpoint, roundPath } from '../../../src-main/engine/runs/run-folder.ts'
import { requireGradients, requireMemory, requireSameClasses } from '../../../src-main/engine/training/check-config.ts'
import { train } from '../../../src-main/engine/training/train.ts'
import { encodeIdx, writeTinyDataset } from '../data/idx-fixtures.ts'
import { networkNamed } from '../../helpers/networks.ts'
import { temporaryFolder } from './small-run.ts'

let backend: Backend
let before: number
beforeAll(async () => {
  backend = await openBackend()
  before = backend.tensorCount()
})
afterAll(() => expect(backend.tensorCount()).toBe(before))

const small: TrainOptions = { network: 'cnn', width: 2, limit: 60, epochs: 2, batchSize: 20, seed: 3 }
let data: string
let folderOfData: string
beforeAll(async () => {
  folderOfData = mkdtempSync(join(tmpdir(), 'autodidact-methods-'))
  const pixels = (count: number) => Array.from({ length: count * 64 }, (_, at) => (at * 7919) % 256)
  const labels = (count: number) => Array.from({ length: count }, (_, at) => at % 4)
  data = await writeTinyDataset(folderOfData, {
    trainImages: encodeIdx([80, 8, 8], pixels(80)),
    trainLabels: encodeIdx([80], labels(80)),
    testImages: encodeIdx([12, 8, 8], pixels(12)),
    testLabels: encodeIdx([12], labels(12))
  })
})
afterAll(() => rmSync(folderOfData, { recursive: true, force: true }))
const configOf = (options: TrainOptions) => buildRunConfig({ ...small, data, ...options })
const weightsOf = async (run: string) => readFileSync(join(await latestCheckpoint(run), 'weights.safetensors'))

/** Trains, then the same again with an interruption after the first step of the second half. */
async function trainTwice(options: TrainOptions): Promise<{ run: string; epochs: EpochRecord[] }> {
  const folder = temporaryFolder()
  const config = configOf(options)
  const [whole, broken] = [join(folder, 'whole'), join(folder, 'broken')]
  await train(backend, { out: whole, config })
  const { steps, epochs } = await readHistory(whole)
  const controller = new AbortController()
  const stopAt = Math.ceil(steps.length / 2) + 1
  const listener = {
    onStart: () => undefined,
    onEpoch: () => undefined,
    onStep: ({ step }: { step: number }) => step >= stopAt && controller.abort()
  }
  await expect(train(backend, { out: broken, config }, { signal: controller.signal, listener })).rejects.toThrow(
    CancelledError
  )
  await train(backend, { out: broken, config: null })
  expect((await weightsOf(broken)).equals(await weightsOf(whole)), 'the same weights after an interruption').toBe(true)
  for (const step of steps) {
    const sum = Object.values(step.weighted ?? {}).reduce((all, value) => all + value, 0)
    if (options.preset !== 'byot-journal') expect(sum / step.total).toBeCloseTo(1, 4)
    expect(Number.isFinite(step.total)).toBe(true)
  }
  return { run: whole, epochs }
}

async function teacherRun(options: TrainOptions = {}): Promise<string> {
  const out = join(temporaryFolder(), 'teacher')
  await train(backend, { out, config: configOf({ width: 4, method: 'baseline', epochs: 1, ...options }) })
  return out
}

describe('every method trains, and goes on bit for bit', () => {
  test.each([
    ['baseline', {}, 1],
    ['deep-supervision', {}, 3],
    ['self-distillation', {}, 3],
    ['self-distillation', { preset: 'byot-luanyunteng' }, 3],
    ['self-distillation', { preset: 'scan' }, 3],
    ['self-distillation', { preset: 'byot-journal' }, 3],
    ['self-distillation', { hintOn: 'maps', labelSmoothing: 0.1, warmup: 1 }, 3],
    ['mutual-learning', {}, 1],
    ['baseline', { sam: 0.05 }, 1]
  ] as const)('%s %j', async (method, options, exits) => {
    const { run, epochs } = await trainTwice({ method, ...options })
    expect((await openNetwork(run)).network.exits).toHaveLength(exits)
    expect(epochs).toHaveLength(2)
    expect(epochs[1]!.trainMultiplyAdds! / epochs[0]!.trainMultiplyAdds!).toBeCloseTo(2)
    expect(epochs[1]!.trainSeconds!).toBeGreaterThan(epochs[0]!.trainSeconds!)
  })

  test.each(['kd', 'fitnets', 'attention-transfer'] as const)('%s', async (method) => {
    const teacher = await teacherRun()
    const { run, epochs } = await trainTwice({ method, teacher })
    const own = (await readHistory(teacher)).epochs.at(-1)!
    // What the teacher's training took counts as well.
    expect(epochs[0]!.trainMultiplyAdds!).toBeGreaterThan(own.trainMultiplyAdds!)
    expect(Object.keys(epochs[0]!.weighted!)).toHaveLength(2)
    expect((await openNetwork(run)).network.exits).toHaveLength(1)
  })

  test('rounds, interrupted at every step', async () => {
    const folder = temporaryFolder()
    const config = configOf({ method: 'self-distillation-rounds', rounds: 2, batchSize: 30 })
    const whole = join(folder, 'whole')
    await train(backend, { out: whole, config })
    const expected = await weightsOf(whole)
    const { steps } = await readHistory(whole)
    for (let stopAt = 1; stopAt < steps.length; stopAt++) {
      const out = join(folder, `stopped-${stopAt}`)
      const controller = new AbortController()
      const onStep = ({ step }: { step: number }) => step === stopAt && controller.abort()
      const listener = { onStart: () => undefined, onEpoch: () => undefined, onStep }
      await train(backend, { out, config }, { signal: controller.signal, listener }).catch(() => undefined)
      await train(backend, { out, config: null })
      expect((await weightsOf(out)).equals(expected), `stopped at step ${stopAt}`).toBe(true)
    }
  })

  test.each(['l2', 'cross-entropy'] as const)('rounds, %s', async (roundLoss) => {
    const { run, epochs } = await trainTwice({ method: 'self-distillation-rounds', rounds: 2, roundLoss })
    expect(epochs).toHaveLength(6)
    for (const round of [1, 2]) {
      const { network, origin } = await openNetwork(roundPath(run, round))
      expect(network.title).toBe('CNN')
      expect(origin?.method).toBe('self-distillation-rounds')
    }
  })
})

describe('what a method leaves', () => {
  test('a second student is no part of the network', async () => {
    const out = join(temporaryFolder(), 'run')
    await train(backend, { out, config: configOf({ method: 'mutual-learning', epochs: 1 }) })
    const { weights } = await openNetwork(out)
    expect([...weights.keys()].filter((name) => name.includes('/'))).toEqual([])
  })

  test('a teacher that has changed stops the run', async () => {
    const teacher = await teacherRun()
    const out = join(temporaryFolder(), 'run')
    const controller = new AbortController()
    const config = configOf({ method: 'kd', teacher })
    const listener = { onStart: () => undefined, onEpoch: () => undefined, onStep: () => controller.abort() }
    await expect(train(backend, { out, config }, { signal: controller.signal, listener })).rejects.toThrow(
      CancelledError
    )
    const other = await teacherRun({ seed: 9 })
    const manifest = join(out, 'manifest.json')
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(teacher, other))
    await expect(train(backend, { out, config: null })).rejects.toThrow(
      /^The teacher .* has changed since the run was begun; the run can't go on\.$/
    )
  })
})

describe('what cannot be trained is refused in one sentence', () => {
  const start = async (options: TrainOptions) =>
    train(backend, { out: join(temporaryFolder(), 'run'), config: configOf({ epochs: 1, ...options }) })

  test('a hint between features of several lengths', async () => {
    await expect(start({ head: 'linear' })).rejects.toThrow(
      "The hint compares the 2 features of exit 1 with the deepest exit's 8: set lambda to 0, or take heads that bring them to one length."
    )
    await start({ head: 'linear', lambda: 0 })
  })

  test('weights for another number of exits', async () => {
    await expect(start({ labelWeights: [1, 1] })).rejects.toThrow(
      'labelWeights has 2 numbers (1, 1); give one for each of 3 exits.'
    )
  })

  test('teachers that do not fit', async () => {
    const teacher = await teacherRun({ network: 'resnet18', width: 2 })
    await expect(start({ method: 'attention-transfer', teacher })).rejects.toThrow(
      'Attention transfer compares stage with stage, but the network has 3 and the teacher 4.'
    )
    await expect(start({ method: 'fitnets', teacher, teacherStage: 4 })).rejects.toThrow(
      'There is no stage 4 to compare: the network has 3 stages, the teacher 4.'
    )
    await expect(start({ method: 'kd', teacher: join(temporaryFolder(), 'nothing') })).rejects.toThrow(/nothing/)
  })

  test('max-pooling on a backend without its gradients', () => {
    const network = networkNamed({ name: 'cnn', width: 2, classes: 4, inputChannels: 1, exits: 'all' })
    expect(() => requireGradients({ name: 'wasm' }, network)).toThrow(
      "The backend wasm can't train this network: it has no gradients of max-pooling; another backend can."
    )
    expect(() => requireGradients({ name: 'cpu' }, network)).not.toThrow()
  })

  test('more memory than there is', () => {
    expect(() => requireMemory(60e9, 23e9)).toThrow(
      'This training would need about 60.0 GB of memory, and this machine has 23.0 GB; choose a smaller width, network or batch.'
    )
    expect(() => requireMemory(20e9, 23e9)).not.toThrow()
  })

  test('a teacher of other classes', async () => {
    const teacher = await teacherRun({ data: 'fashion-mnist', limit: 20, batchSize: 20 })
    await expect(start({ method: 'kd', teacher })).rejects.toThrow(/^The teacher knows 10 classes, the data set has 4;/)
    expect(() => requireSameClasses('T', ['a', 'b'], ['b', 'a'])).toThrow(
      'The teacher T calls class 0 "a", the data set "b"; take a teacher of the same classes.'
    )
  })

  test('options of other methods, a missing teacher', () => {
    expect(() => configOf({ method: 'kd', teacher: 'x', alpha: 0.5 })).toThrow(
      '--alpha goes with self-distillation, deep-supervision, baseline; the method here is kd.'
    )
    expect(() => configOf({ method: 'baseline', attention: false })).toThrow(
      '--no-attention is of exits that baseline does not train; leave it out.'
    )
    expect(() => configOf({ method: 'kd' })).toThrow(
      '--method kd needs --teacher, a run or a checkpoint to learn from.'
    )
    expect(() => configOf({ method: 'baseline', teacher: 'x' })).toThrow(
      '--teacher goes with kd, fitnets, attention-transfer; the method here is baseline.'
    )
    expect(() => configOf({ method: 'baseline', head: 'scan' })).toThrow(
      '--head is of exits that baseline does not train; leave it out.'
    )
  })
})
