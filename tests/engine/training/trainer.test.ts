import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/choose.ts'
import { readHistory } from '../../../src-main/engine/runs/history.ts'
import { latestCheckpoint, readCheckpoint } from '../../../src-main/engine/runs/run-folder.ts'
import { train } from '../../../src-main/engine/training/train.ts'
import { smallConfig, temporaryFolder } from './small-run.ts'

let backend: Backend
beforeAll(async () => {
  backend = await openBackend()
})

/** Every byte that decides how a run goes on, and what it recorded but for the clock. */
async function outcome(run: string) {
  const checkpoint = await latestCheckpoint(run)
  const history = await readHistory(run)
  return {
    weights: readFileSync(join(checkpoint, 'weights.safetensors')).toString('base64'),
    velocity: readFileSync(join(checkpoint, 'optimizer.safetensors')).toString('base64'),
    progress: (await readCheckpoint(checkpoint)).progress,
    steps: history.steps.map(({ imagesPerSecond: _, ...step }) => step),
    epochs: history.epochs.map(({ imagesPerSecond: _, trainSeconds: __, ...epoch }) => epoch)
  }
}

/** Trains and cancels after `steps` steps. */
async function trainUntil(run: string, steps: number, config: ReturnType<typeof smallConfig> | null) {
  const controller = new AbortController()
  let seen = 0
  const onProgress = () => {
    seen += 1
    if (seen === steps) controller.abort()
  }
  await expect(train(backend, { out: run, config }, { onProgress, signal: controller.signal })).rejects.toThrow(
    /^Stopped after step \d+; go on with --resume/
  )
}

describe('a run', () => {
  test('gives the same weights twice, other ones with another seed, and frees its tensors', async () => {
    const folder = temporaryFolder()
    const before = backend.tensorCount()
    const [first, second, other] = ['first', 'second', 'other'].map((name) => join(folder, name))
    const result = await train(backend, { out: first!, config: smallConfig() })
    await train(backend, { out: second!, config: smallConfig() })
    await train(backend, { out: other!, config: smallConfig({ seed: 8 }) })
    expect(backend.tensorCount()).toBe(before)
    expect(await outcome(second!)).toEqual(await outcome(first!))
    expect((await outcome(other!)).weights).not.toBe((await outcome(first!)).weights)
    expect(result.epochsDone).toBe(2)
    expect(result.exits.map(({ exit }) => exit)).toEqual([1, 2, 3, 4])
    expect(readdirSync(first!).sort()).toEqual(['checkpoints', 'history.jsonl', 'manifest.json'])
  })

  test('cancelled anywhere and resumed equals not stopped, bit for bit', async () => {
    const folder = temporaryFolder()
    const whole = join(folder, 'whole')
    await train(backend, { out: whole, config: smallConfig() })
    const expected = await outcome(whole)
    // Within an epoch, at its last step, while testing; the same in the second epoch.
    for (const steps of [1, 2, 3, 4, 6, 26, 30]) {
      const run = join(folder, `stopped-${steps}`)
      await trainUntil(run, steps, smallConfig())
      await train(backend, { out: run, config: null })
      expect(await outcome(run), `stopped after ${steps}`).toEqual(expected)
    }
  })

  test('records every term at every step, and every exit at every epoch', async () => {
    const run = join(temporaryFolder(), 'run')
    await train(backend, { out: run, config: smallConfig() })
    const { steps, epochs } = await readHistory(run)
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6])
    for (const step of steps) {
      const { crossEntropy, kl, hint, trainAccuracy, gradientMagnitude } = step
      expect([crossEntropy, kl, hint, trainAccuracy, gradientMagnitude].map((list) => list.length)).toEqual([
        4, 3, 3, 4, 5
      ])
      const weighted = (list: number[], weight: number) => list.reduce((sum, value) => sum + weight * value, 0)
      const total =
        crossEntropy[3]! + weighted(crossEntropy.slice(0, 3), 0.7) + weighted(kl, 0.3) + weighted(hint, 0.03)
      expect(step.total).toBeCloseTo(total, 4)
    }
    expect(epochs).toHaveLength(2)
    expect(epochs[0]!.test.accuracy).toHaveLength(4)
    expect(epochs[0]!.validation?.accuracy).toHaveLength(4)
  })

  test('of the baseline has its deepest exit only', async () => {
    const run = join(temporaryFolder(), 'run')
    const result = await train(backend, { out: run, config: smallConfig({ method: 'baseline', epochs: 1 }) })
    expect(result.exits.map(({ exit }) => exit)).toEqual([4])
    expect(result.ensemble.accuracy).toBe(result.exits[0]!.accuracy)
  })

  test('of deep supervision sums the cross entropies', async () => {
    const run = join(temporaryFolder(), 'run')
    await train(backend, { out: run, config: smallConfig({ method: 'deep-supervision', epochs: 1 }) })
    const { steps } = await readHistory(run)
    expect(steps[0]!.total).toBeCloseTo(
      steps[0]!.crossEntropy.reduce((a, b) => a + b, 0),
      4
    )
    expect(steps[0]!.kl).toEqual([])
  })
})

describe('a run that goes wrong', () => {
  test('stops when the loss is not a number, says so, and keeps the last good checkpoint', async () => {
    const run = join(temporaryFolder(), 'run')
    const config = smallConfig({ learningRate: 1e30, epochs: 1 })
    await expect(train(backend, { out: run, config })).rejects.toThrow(
      /^Training diverged at step \d+: the loss is not a number any more\. The last good checkpoint is kept in .*; try a learning rate below 1e\+30\.$/
    )
    const { weights } = await readCheckpoint(await latestCheckpoint(run))
    expect([...weights.values()].every(({ data }) => data.every(Number.isFinite))).toBe(true)
  })

  test('does not start in a folder that holds something', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'thesis.txt'), 'mine')
    await expect(train(backend, { out: folder, config: smallConfig() })).rejects.toThrow(
      /is not empty; choose another folder, or go on with its run by --resume\.$/
    )
    expect(readdirSync(folder)).toEqual(['thesis.txt'])
  })

  test('is refused while another process trains in its folder', async () => {
    const run = join(temporaryFolder(), 'run')
    await trainUntil(run, 2, smallConfig())
    writeFileSync(
      join(run, 'lock.json'),
      JSON.stringify({ pid: process.ppid, host: (await import('node:os')).hostname() })
    )
    await expect(train(backend, { out: run, config: null })).rejects.toThrow(
      `The run ${run} is in use by the process ${process.ppid}; wait for it, or stop it.`
    )
  })

  test('goes on after the process that held its lock was killed', async () => {
    const run = join(temporaryFolder(), 'run')
    await trainUntil(run, 2, smallConfig({ epochs: 1 }))
    writeFileSync(
      join(run, 'lock.json'),
      JSON.stringify({ pid: 2 ** 22 + 1, host: (await import('node:os')).hostname() })
    )
    expect((await train(backend, { out: run, config: null })).epochsDone).toBe(1)
  })

  test('resumed without a manifest or with a foreign one says so', async () => {
    const folder = temporaryFolder()
    await expect(train(backend, { out: folder, config: null })).rejects.toThrow(/manifest\.json does not exist\.$/)
    writeFileSync(join(folder, 'manifest.json'), '{"name": "something else"}')
    await expect(train(backend, { out: folder, config: null })).rejects.toThrow(/is not the manifest of a run\.$/)
    writeFileSync(join(folder, 'manifest.json'), '{"schemaVersion": 99}')
    await expect(train(backend, { out: folder, config: null })).rejects.toThrow(/newer version of Autodidact/)
  })
})
