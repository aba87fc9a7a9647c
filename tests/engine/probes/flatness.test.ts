import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/choose.ts'
import { openNetwork } from '../../../src-main/engine/checkpoint/checkpoint.ts'
import { disposeState, fromState, toState } from '../../../src-main/engine/model/weights.ts'
import { runProbe } from '../../../src-main/engine/probes/run-probe.ts'
import { createShaker, disposePerturbed } from '../../../src-main/engine/probes/weight-noise.ts'
import type { ProbeReport, ProbeRequest } from '../../../src-shared/reports.ts'
import { temporaryFolder } from '../training/small-run.ts'
import { goldenCase, writeRescaledTwin } from './cases.ts'

let backend: Backend
const { weights, data } = goldenCase()
beforeAll(async () => {
  backend = await openBackend()
})

const request = (changes: Partial<ProbeRequest<'flatness'>> = {}): ProbeRequest<'flatness'> => ({
  checkpoints: [{ path: weights }],
  data,
  seed: 1,
  sigmas: [0, 0.05, 0.2],
  draws: 3,
  protocols: ['a', 'b', 'c'],
  split: 'given',
  ...changes
})
const lossesOf = (report: ProbeReport<'flatness'>, checkpoint: number, protocol: string) =>
  report.checkpoints[checkpoint]!.exits.filter((point) => point.protocol === protocol).map(({ loss }) => loss.mean)

describe('the flatness probe', () => {
  test('gives one entry per exit, split and sigma, repeats itself, and frees its tensors', async () => {
    const before = backend.tensorCount()
    const first = await runProbe(backend, 'flatness', request())
    expect(backend.tensorCount()).toBe(before)
    const second = await runProbe(backend, 'flatness', request())
    const { exits } = first.checkpoints[0]!
    expect(exits).toHaveLength(4 * 3 * 3)
    expect(new Set(exits.map(({ split }) => split))).toEqual(new Set(['given']))
    expect(second.checkpoints).toEqual(first.checkpoints)
    const other = await runProbe(backend, 'flatness', request({ seed: 2 }))
    expect(lossesOf(other, 0, 'b')).not.toEqual(lossesOf(first, 0, 'b'))
  })

  test('at sigma 0 equals evaluation without noise, with no band', async () => {
    const { checkpoints } = await runProbe(backend, 'flatness', request({ protocols: ['a'], sigmas: [0] }))
    for (const { accuracy } of checkpoints[0]!.exits) expect(accuracy.low).toBe(accuracy.high)
  })

  test('negative control: protocol B cannot tell a network from its rescaled twin, A can', async () => {
    const twin = await writeRescaledTwin(weights, temporaryFolder(), 5)
    const report = await runProbe(
      backend,
      'flatness',
      request({ checkpoints: [{ path: weights }, { path: twin }], protocols: ['a', 'b'] })
    )
    const deviation = (protocol: string) => {
      const [original, rescaled] = [lossesOf(report, 0, protocol), lossesOf(report, 1, protocol)]
      return Math.max(...original.map((loss, index) => Math.abs(loss - rescaled[index]!)))
    }
    expect(deviation('b')).toBeLessThan(1e-3)
    expect(deviation('a')).toBeGreaterThan(0.1)
  })

  test('auto brackets the drops of the deepest exit', async () => {
    const { checkpoints } = await runProbe(backend, 'flatness', request({ sigmas: 'auto', protocols: ['b'] }))
    const drops = checkpoints[0]!.drops.filter(({ exit }) => exit === 4)
    expect(drops.map(({ drop }) => drop)).toEqual([1, 5, 10])
    for (const { sigma } of drops) expect(sigma).toBeGreaterThan(0)
  })

  test('is cancelled at once and frees its tensors', async () => {
    const before = backend.tensorCount()
    const controller = new AbortController()
    const onProgress = () => controller.abort()
    await expect(runProbe(backend, 'flatness', request(), { onProgress, signal: controller.signal })).rejects.toThrow(
      /^Cancelled/
    )
    expect(backend.tensorCount()).toBe(before)
  })
})

describe('weight noise', () => {
  test('falls on convolutions and linear weights only, and grows with sigma along one direction', async () => {
    const { network, weights: plain } = await openNetwork(weights)
    const state = toState(backend.tf, network, plain)
    const shaker = createShaker(backend, network, plain, state)
    const at = async (sigma: number) => {
      const noisy = await shaker.perturb({ seed: 1, draw: 0, sigma, protocol: 'a' })
      const moved = await fromState(network, noisy)
      disposePerturbed(noisy, state)
      return moved
    }
    const [one, two] = [await at(0.1), await at(0.2)]
    for (const [name, { data: original, shape }] of plain) {
      const [near, far] = [one.get(name)!.data, two.get(name)!.data]
      if (shape.length < 2) expect(near, name).toEqual(original)
      else
        for (let index = 0; index < original.length; index += 97)
          expect(far[index]! - original[index]!).toBeCloseTo(2 * (near[index]! - original[index]!), 5)
    }
    shaker.dispose()
    disposeState(state)
  })
})
