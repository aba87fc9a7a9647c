import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matrixFromRows } from '../../src-shared/science/matrix.ts'
import {
  accuracy,
  argmax,
  crossEntropy,
  ensembleLogits,
  fitTemperature,
  logSoftmax,
  softmax
} from '../../src-shared/science/softmax.ts'
import { reference } from './fixtures.ts'

const logit = fc.double({ min: -50, max: 50, noNaN: true })
const row = fc.array(logit, { minLength: 1, maxLength: 12 })

describe('softmax', () => {
  it('sums to 1 and does not change when all logits are shifted', () => {
    fc.assert(
      fc.property(row, logit, fc.double({ min: 0.1, max: 10, noNaN: true }), (logits, shift, temperature) => {
        const p = softmax(logits, temperature)
        expect(p.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 12)
        const shifted = softmax(
          logits.map((value) => value + shift),
          temperature
        )
        p.forEach((value, i) => expect(shifted[i]).toBeCloseTo(value, 10))
        logSoftmax(logits, temperature).forEach((value, i) => expect(Math.exp(value)).toBeCloseTo(p[i]!, 12))
      })
    )
  })

  it('is the closed form for two classes', () => {
    expect(softmax([Math.log(3), 0])[0]).toBeCloseTo(0.75, 14)
    expect(softmax([2 * Math.log(3), 0], 2)[0]).toBeCloseTo(0.75, 14)
  })

  it('neither overflows nor loses small probabilities', () => {
    expect(softmax([1e4, 0])).toEqual(Float64Array.of(1, 0))
    expect(logSoftmax([0, -1e4])[1]).toBe(-1e4)
    expect(softmax([NaN, 1])).toEqual(Float64Array.of(NaN, NaN))
  })
})

describe('argmax, accuracy and crossEntropy', () => {
  it('takes the first of equals and passes over NaN', () => {
    expect(argmax([1, 3, 3])).toBe(1)
    expect(argmax([NaN, 2, NaN])).toBe(1)
    expect(argmax([NaN])).toBe(-1)
    expect(argmax([-Infinity])).toBe(0)
  })

  it('counts right rows', () => {
    expect(
      accuracy(
        matrixFromRows([
          [1, 0],
          [1, 0],
          [0, 1],
          [NaN, NaN]
        ]),
        [0, 1, 1, 0]
      )
    ).toBe(0.5)
  })

  it('is log C for equal logits', () => {
    expect(
      crossEntropy(
        matrixFromRows([
          [4, 4, 4],
          [0, 0, 0]
        ]),
        [0, 2]
      )
    ).toBeCloseTo(Math.log(3), 14)
  })

  it('names a label that is no class', () => {
    const logits = matrixFromRows([[1, 2]])
    for (const label of [2, -1, 0.5, NaN]) expect(() => accuracy(logits, [label])).toThrow(`Label ${label} `)
    expect(() => crossEntropy(logits, [0, 1])).toThrow('2 labels')
  })
})

describe('ensembleLogits', () => {
  it('is the mean of the logits, in any order of exits', () => {
    const [a, b] = [matrixFromRows([[1, 2]]), matrixFromRows([[3, -2]])]
    expect([...ensembleLogits([a, b]).data]).toEqual([2, 0])
    expect(ensembleLogits([b, a])).toEqual(ensembleLogits([a, b]))
    expect(() => ensembleLogits([])).toThrow('one exit')
    expect(() => ensembleLogits([a, matrixFromRows([[1]])])).toThrow('1 x 1')
  })
})

describe('fitTemperature', () => {
  it('finds the minimum that a fine grid finds', () => {
    const { logits, labels, temperature } = reference.fitTemperature
    expect(fitTemperature(matrixFromRows(logits), labels) / temperature).toBeCloseTo(1, 3)
  })

  it('scales with the logits', () => {
    const { logits, labels } = reference.fitTemperature
    const once = fitTemperature(matrixFromRows(logits), labels)
    const twice = fitTemperature(matrixFromRows(logits.map((values) => values.map((value) => 2 * value))), labels)
    expect(twice / once).toBeCloseTo(2, 9)
  })

  it('is the closed form for two classes: three of four right at logit l gives l / log 3', () => {
    const logits = matrixFromRows(Array.from({ length: 4 }, () => [5, 0]))
    expect(fitTemperature(logits, [0, 0, 0, 1])).toBeCloseTo(5 / Math.log(3), 9)
  })

  it('stops at the ends and where temperature changes nothing', () => {
    expect(fitTemperature(matrixFromRows([[1, 0]]), [0])).toBeCloseTo(0.05, 12)
    expect(fitTemperature(matrixFromRows([[1, 0]]), [1])).toBeCloseTo(20, 12)
    expect(fitTemperature(matrixFromRows([[2, 2]]), [1])).toBe(1)
    expect(fitTemperature(matrixFromRows([[NaN, 2]]), [1])).toBeNaN()
  })

  it('is never beaten by another temperature', () => {
    const cases = fc.array(fc.tuple(logit, logit, logit, fc.integer({ min: 0, max: 2 })), {
      minLength: 1,
      maxLength: 8
    })
    fc.assert(
      fc.property(cases, fc.double({ min: 0.05, max: 20, noNaN: true }), (rows, other) => {
        const logits = matrixFromRows(rows.map(([a, b, c]) => [a, b, c]))
        const labels = rows.map(([, , , label]) => label)
        const fitted = crossEntropy(logits, labels, fitTemperature(logits, labels))
        expect(fitted).toBeLessThanOrEqual(crossEntropy(logits, labels, other) * (1 + 1e-9) + 1e-9)
      })
    )
  })
})
