import { beforeAll, describe, expect, test } from 'vitest'
import { readGolden } from '../golden/golden.ts'
import { goldenCount } from './webgpu-case.ts'
import { findRenderer } from './webgpu-renderer.ts'
import { deviationsOf, runParts } from './webgpu-run.ts'
import { partNames, type Outcome } from './webgpu-work.ts'

/** Relative to the largest number of its kind. */
const tolerance = 1e-3
const renderer = findRenderer()
const tried = ['webgpu', 'wasm', 'cpu'] as const
const outcomes = new Map<string, Outcome>()
let reference: Outcome

beforeAll(async () => {
  const env = (name: string) => (name === 'webgpu' ? renderer.env : {})
  const names = ['native', ...tried.filter((name) => name !== 'webgpu' || !renderer.reason)] as const
  // wasm, cpu and native take one processor each, SwiftShader all there are.
  await Promise.all(names.map(async (name) => outcomes.set(name, await runParts(name, partNames, env(name)))))
  const native = outcomes.get('native')!
  reference = native.backend ? native : outcomes.get('cpu')!
})

const suites = tried.map((name) => {
  const reason = name === 'webgpu' ? renderer.reason : ''
  return { name, reason, title: reason ? `${name} (not tried: ${reason})` : name }
})

describe.each(suites)('$title', ({ name, reason }) => {
  test.skipIf(reason)('opens, and says what it computes on', () => {
    const { backend, refusal } = outcomes.get(name)!
    expect(refusal).toBe('')
    expect(backend).toMatchObject({ name, version: '4.22.0' })
    if (renderer.env.VK_ICD_FILENAMES && name === 'webgpu') {
      expect(backend!.device).toMatch(/^swiftshader device .*\(SwiftShader driver [\d.]+\)$/)
      expect(backend!.reason).toBe('This adapter is no GPU: it computes on the CPU, and more slowly than wasm does.')
    }
  })

  test.skipIf(reason)('gives what the PyTorch reference gives', () => {
    const { golden } = readGolden('bottleneck-resnet18-w8')
    const first = (exits: number[][][]) => exits.map((rows) => rows.slice(0, goldenCount))
    const expected = { logits: first(golden.eval.logits), features: first(golden.eval.features) }
    const deviations = deviationsOf(outcomes.get(name)!.parts.golden!.value, expected)
    expect(Math.max(...deviations.values())).toBeLessThan(1e-4)
  })

  test.skipIf(reason).each(partNames)('%s agrees with native and leaves no tensor behind', (part) => {
    const { value, tensorsLeft } = outcomes.get(name)!.parts[part]!
    const whole = reference.parts[part]!.value
    const expected = name === 'wasm' && part === 'layers' ? valuesOf(whole as Record<string, unknown>) : whole
    const deviations = deviationsOf(value, expected)
    expect(deviations.size).toBeGreaterThan(0)
    const wrong = [...deviations].filter(([, deviation]) => !(deviation < tolerance))
    expect(Object.fromEntries(wrong)).toEqual({})
    expect(tensorsLeft).toBe(0)
  })
})

/** Without the gradients that wasm lacks. */
const valuesOf = (results: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(results).filter(([name]) => !name.includes('maxPool') || name.endsWith(', 0')))

test('a deviation is relative to the largest number of its kind, and what is missing is infinitely far', () => {
  expect(deviationsOf({ a: [1, 10] }, { a: [1.1, 10] })).toEqual(new Map([['.a*', expect.closeTo(0.01, 10)]]))
  expect(deviationsOf({ a: [0] }, { a: [0] }).get('.a*')).toBe(0)
  expect(deviationsOf({ a: [1] }, { a: [1, 2] }).get('.a*')).toBe(Infinity)
  expect(deviationsOf({ a: 1 }, { b: 1 }).get('.b')).toBe(Infinity)
  expect(deviationsOf({ a: null }, { a: 1 }).get('.a')).toBe(Infinity)
  expect(deviationsOf({ a: 'x' }, { a: 'y' }).get('.a')).toBe(Infinity)
})
