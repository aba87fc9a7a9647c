import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../../../src-main/engine/backend/backend.ts'
import { openByName } from '../../../../src-main/engine/backend/choose.ts'
import { openNetwork } from '../../../../src-main/engine/checkpoint/checkpoint.ts'
import { encodeSafetensors } from '../../../../src-main/engine/checkpoint/safetensors/safetensors-file.ts'
import { toFileTensors } from '../../../../src-main/engine/checkpoint/safetensors/weights-file.ts'
import { runProbe } from '../../../../src-main/engine/probes/run-probe.ts'
import { normals } from '../../../../src-shared/science/random.ts'
import { onnxFixture } from './onnx-files.ts'

const count = 10
const labels = Array.from({ length: count }, (_, index) => index % 5)
const graph = onnxFixture('networks/bottleneck-13.onnx')
const folder = mkdtempSync(join(tmpdir(), 'autodidact-onnx-'))
afterAll(() => rmSync(folder, { recursive: true }))
const layers = join(folder, 'layers.safetensors')
const imagesPath = join(folder, 'images.f32')
const data = {
  kind: 'arrays' as const,
  imagesPath,
  shape: [count, 32, 32, 3] as [number, number, number, number],
  labels
}
const common = { checkpoints: [{ path: graph }, { path: layers }], data, seed: 1 }

/** The weights of the ONNX file by the names of a family's layers: the same network, built here. */
beforeAll(async () => {
  const { weights } = await openNetwork(graph)
  writeFileSync(layers, encodeSafetensors(toFileTensors(weights)))
  writeFileSync(imagesPath, normals(count * 32 * 32 * 3, 'images'))
  expect((await openNetwork(layers)).network.family).toBe('ResNet')
})

/** Numbers within a share of the largest, whatever they are in. */
function expectClose(ours: unknown, theirs: unknown, share: number): void {
  const numbers = (value: unknown): number[] =>
    typeof value === 'number'
      ? [value]
      : value && typeof value === 'object'
        ? Object.values(value).flatMap(numbers)
        : []
  const [a, b] = [numbers(ours), numbers(theirs)]
  expect(a.length).toBe(b.length)
  const largest = Math.max(...b.map(Math.abs))
  expect(Math.max(...a.map((value, index) => Math.abs(value - b[index]!)))).toBeLessThan(share * largest)
}

describe('on native a graph is measured as its layers are:', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await openByName('native')
  })

  test('flatness', async () => {
    const before = backend.tensorCount()
    const report = await runProbe(backend, 'flatness', {
      ...common,
      sigmas: [0, 0.1],
      draws: 2,
      protocols: ['a', 'b', 'c'],
      split: 'given'
    })
    expect(backend.tensorCount()).toBe(before)
    const [ours, theirs] = report.checkpoints.map(({ exits }) => exits)
    expect(ours!.map(({ exit, sigma, protocol }) => [exit, sigma, protocol])).toEqual(
      theirs!.map(({ exit, sigma, protocol }) => [exit, sigma, protocol])
    )
    expectClose(
      ours!.map(({ loss }) => loss),
      theirs!.map(({ loss }) => loss),
      1e-4
    )
  })

  test('gradients', async () => {
    const report = await runProbe(backend, 'gradients', { ...common, method: 'self-distillation', batchSize: null })
    const [ours, theirs] = report.checkpoints
    expectClose(ours!.losses, theirs!.losses, 1e-4)
    const byName = new Map(theirs!.layers.map((layer) => [layer.name, layer]))
    expect(new Set(ours!.layers.map((layer) => layer.name))).toEqual(new Set(byName.keys()))
    for (const { name: layer, meanAbs, role, part } of ours!.layers) {
      const other = byName.get(layer)!
      expect([layer, role, part]).toEqual([layer, other.role, other.part])
      // A bias before BatchNorm has none but rounding.
      if (other.meanAbs > 1e-6) expect(Math.abs(meanAbs / other.meanAbs - 1), layer).toBeLessThan(0.02)
    }
  })

  test('discriminativeness and embedding', async () => {
    const scatter = await runProbe(backend, 'discriminativeness', { ...common, features: 'raw', resamples: 0 })
    const [ours, theirs] = scatter.checkpoints.map(({ exits }) => exits.map(({ ratio }) => ratio))
    expectClose(ours, theirs, 1e-3)
    const request = { ...common, method: 'pca' as const, dims: 2 as const, neighbors: 5, minDist: 0.1 }
    const { checkpoints } = await runProbe(backend, 'embedding', request)
    expect(checkpoints[0]!.exits.map(({ predictions }) => predictions)).toEqual(
      checkpoints[1]!.exits.map(({ predictions }) => predictions)
    )
  })
})

test('a graph is measured on cpu as on native', async () => {
  const small = join(folder, 'small.f32')
  writeFileSync(small, normals(count * 16 * 16 * 3, 'small'))
  const path = onnxFixture('networks/plain-9.onnx')
  const request = {
    checkpoints: [{ path }],
    data: { ...data, imagesPath: small, shape: [count, 16, 16, 3] as [number, number, number, number] },
    seed: 1
  }
  const measure = async (name: 'native' | 'cpu') => {
    const backend = await openByName(name)
    const noise = {
      sigmas: [0, 0.1],
      draws: 1,
      protocols: ['a' as const, 'b' as const, 'c' as const],
      split: 'given' as const
    }
    const flatness = await runProbe(backend, 'flatness', { ...request, ...noise })
    const gradients = await runProbe(backend, 'gradients', { ...request, method: 'self-distillation', batchSize: null })
    const scatter = await runProbe(backend, 'discriminativeness', { ...request, features: 'raw', resamples: 0 })
    return {
      losses: flatness.checkpoints[0]!.exits.map(({ loss }) => loss.mean),
      gradients: gradients.checkpoints[0]!.layers.map(({ meanAbs }) => meanAbs),
      ratios: scatter.checkpoints[0]!.exits.map(({ ratio }) => ratio)
    }
  }
  const [ours, theirs] = [await measure('cpu'), await measure('native')]
  expectClose(ours.losses, theirs.losses, 1e-4)
  expectClose(ours.ratios, theirs.ratios, 1e-3)
  expectClose(ours.gradients, theirs.gradients, 1e-2)
})
