import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UserError } from '../../src-shared/errors.ts'
import { formatReport, parseReport } from '../../src-shared/report-file.ts'
import type { AnyReport, ProbeReport } from '../../src-shared/reports.ts'

const real = fc.double({ noNaN: false })
const text = fc.string()
const count = fc.nat()
const band = fc.record({ mean: real, low: real, high: real })
const subject = fc.record({ path: text, name: text }, { requiredKeys: ['path'] })
const data = fc.record({
  kind: fc.constant('dataset' as const),
  name: text,
  split: fc.constantFrom('train' as const, 'test' as const),
  limit: fc.oneof(fc.constant(null), fc.integer({ min: 1 }))
})
const provenance = fc.record({
  seed: count,
  data: fc.oneof(fc.constant(null), fc.record({ name: text, hash: text, split: text, count })),
  software: fc.dictionary(
    text.filter((key) => key !== '__proto__'),
    text
  ),
  backend: text,
  device: text,
  createdAt: text,
  seconds: real
})
const entry = { path: text, name: text, group: text, role: text, seed: count, hash: text, network: text }
const exit = fc.integer({ min: 1, max: 9 })
const protocol = fc.constantFrom('a' as const, 'b' as const, 'c' as const)
const split = fc.constantFrom('train' as const, 'test' as const, 'given' as const)

const flatness: fc.Arbitrary<ProbeReport<'flatness'>> = fc.record({
  kind: fc.constant('flatness' as const),
  request: fc.record({
    checkpoints: fc.array(subject, { minLength: 1, maxLength: 2 }),
    data,
    seed: count,
    sigmas: fc.oneof(
      fc.constant('auto' as const),
      fc.array(fc.double({ min: 0, max: 8, noNaN: true }), { minLength: 1 })
    ),
    draws: fc.integer({ min: 1, max: 1000 }),
    protocols: fc.array(protocol, { minLength: 1, maxLength: 3 }),
    split: fc.constantFrom('train' as const, 'test' as const, 'both' as const, 'given' as const)
  }),
  provenance,
  checkpoints: fc.array(
    fc.record({
      ...entry,
      exits: fc.array(
        fc.record({ exit, split, protocol, sigma: real, accuracy: band, loss: band, calibratedLoss: band }),
        { maxLength: 4 }
      ),
      drops: fc.array(fc.record({ exit, split, protocol, drop: real, sigma: real }), { maxLength: 4 })
    }),
    { minLength: 1, maxLength: 2 }
  )
})

/** What JSON keeps of a value: no infinities, no sign of zero. */
function kept(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : NaN
  if (Array.isArray(value)) return value.map(kept)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, kept(inner)]))
}

const report: AnyReport = {
  kind: 'discriminativeness',
  request: {
    checkpoints: [{ path: 'a.safetensors' }],
    data: { kind: 'dataset', name: 'fashion-mnist', split: 'test', limit: 100 },
    seed: 0,
    features: 'raw',
    resamples: 10
  },
  provenance: {
    seed: 0,
    data: { name: 'fashion-mnist', hash: '00', split: 'test', count: 100 },
    software: { autodidact: '0.1.0' },
    backend: 'native',
    device: 'CPU',
    createdAt: '2025-01-01T00:00:00.000Z',
    seconds: 1.5
  },
  checkpoints: [
    {
      path: 'a.safetensors',
      name: 'a',
      group: '',
      role: 'baseline',
      seed: 0,
      hash: '00',
      network: 'ResNet18',
      count: 100,
      classes: 10,
      warnings: [],
      exits: [
        {
          exit: 1,
          dimensions: 8,
          deadDimensions: 0,
          sse: 1,
          ssb: NaN,
          ratio: NaN,
          ratioInterval: { low: NaN, high: NaN },
          unbiasedSsb: 1,
          silhouette: 0.5,
          knnAccuracy: 0.5,
          perClass: [{ class: 0, count: 100, sse: 1, ssb: NaN }]
        }
      ]
    }
  ]
}

describe('report files', () => {
  it('hold a report, not-finite numbers as NaN', () => {
    fc.assert(
      fc.property(flatness, (one) => {
        expect(parseReport(formatReport(one), 'x')).toEqual(kept(one))
      })
    )
    expect(parseReport(formatReport(report), 'x')).toEqual(report)
  })

  it('are the same text again after reading', () => {
    fc.assert(
      fc.property(flatness, (one) => {
        const once = formatReport(one)
        expect(formatReport(parseReport(once, 'x'))).toBe(once)
      }),
      { numRuns: 30 }
    )
  })

  it('begin with the version and write NaN as null', () => {
    expect(formatReport(report)).toMatch(/^\{"version":1,"kind":"discriminativeness",.*"ssb":null.*\}\n$/)
  })
})

describe('errors of parseReport', () => {
  const changed = (change: object): string =>
    JSON.stringify({ ...(JSON.parse(formatReport(report)) as object), ...change })
  const message = (content: string): string => {
    try {
      parseReport(content, 'a.json')
    } catch (error) {
      expect(error).toBeInstanceOf(UserError)
      return (error as UserError).message
    }
    throw new Error('It was read.')
  }
  const field = (from: string, to: string): string => formatReport(report).replace(from, to)

  it.each([
    ['', 'a.json is empty'],
    ['<html>', 'a.json is not JSON: it begins with "<html>"'],
    ['[1,2]', 'a.json is JSON but no report: it holds [1,2]'],
    ['null', 'it holds null'],
    ['{"kind":"flatness"}', 'a.json is JSON but no report'],
    ['{"version":"1.0","name":"pkg"}', 'a.json is JSON but no report'],
    [changed({ version: '1' }), 'the version "1"'],
    [changed({ version: 2, kind: 'later' }), 'the version 2, but this software reads up to 1; install'],
    [
      changed({ kind: 'curves' }),
      'unknown kind "curves"; choose a report of one of embedding, discriminativeness, flatness'
    ],
    [changed({ kind: 'toString' }), 'unknown kind "toString"'],
    [changed({ checkpoints: [] }), 'has [] as checkpoints'],
    [changed({ provenance: undefined }), 'lacks provenance;'],
    [field('"sse":1', '"sse":"much"'), 'has "much" as checkpoints[0].exits[0].sse (expected number or null)'],
    [field('"exit":1,', ''), 'lacks checkpoints[0].exits[0].exit;'],
    [field('"raw"', '"cooked"'), 'has "cooked" as request.features (expected one of "raw"|"standardized"|"normalized")']
  ])('%#: one sentence that quotes what is wrong', (content, expected) => {
    const said = message(content)
    expect(said).toContain(expected)
    expect(said).toMatch(/^a\.json .*; (choose|run|install) .*\.$/)
  })

  it('never lets another error out', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((one) => `{"version":1,"kind":"flatness","x":${one}}`)
        ),
        (one) => {
          expect(message(one)).toContain('a.json')
        }
      )
    )
  })
})
