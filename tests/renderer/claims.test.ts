import { describe, expect, it } from 'vitest'
import { choosePair, claimsOf } from '../../src-renderer/overview/claims.ts'
import { makeItem } from './items.ts'

const nothing = { discriminativeness: null, flatness: null, gradients: null }
const subject = (name: string, role: string, deepest: number[], shallow = 0.5) => ({
  name,
  items: deepest.map((accuracy, seed) =>
    makeItem({
      name: `${name}-${seed}`,
      group: name,
      role,
      seed,
      accuracies: role === 'baseline' ? [accuracy] : [shallow, shallow, shallow, accuracy]
    })
  )
})

describe('the pair that claims are about', () => {
  const baseline = subject('base', 'baseline', [0.7])
  const distilled = subject('sd', 'self-distillation', [0.8])
  const other = subject('ds', 'deep-supervision', [0.8])
  it('is the baseline and the self-distilled, wherever they stand', () =>
    expect(choosePair([distilled, other, baseline])).toEqual({ reference: 2, treatment: 0 }))
  it('is the first and the last where roles say nothing', () =>
    expect(choosePair([other, subject('x', 'unknown', [0.8])])).toEqual({ reference: 0, treatment: 1 }))
  it('is another than the self-distilled itself, where there is no baseline', () =>
    expect(choosePair([distilled, other])).toEqual({ reference: 1, treatment: 0 }))
  it('needs two subjects', () => {
    expect(choosePair([baseline])).toBeNull()
    expect(choosePair([])).toBeNull()
    expect(claimsOf([baseline], nothing)).toEqual([])
  })
})

describe('claims', () => {
  it('give the effect in points with its interval, and a verdict', () => {
    const [first] = claimsOf(
      [subject('base', 'baseline', [0.7, 0.71, 0.72]), subject('sd', 'self-distillation', [0.8, 0.81, 0.82])],
      nothing
    )
    expect(first).toMatchObject({ id: 'accuracy', effect: '+10.0 points (+10.0 to +10.0)', verdict: 'holds' })
  })
  it('can fail, be unclear, and be untestable with one seed', () => {
    const verdict = (base: number[], distilled: number[]) =>
      claimsOf([subject('b', 'baseline', base), subject('s', 'self-distillation', distilled)], nothing)[0]?.verdict
    expect(verdict([0.8, 0.81, 0.82], [0.7, 0.71, 0.72])).toBe('fails')
    expect(verdict([0.8, 0.7, 0.75], [0.7, 0.8, 0.75])).toBe('unclear')
    expect(verdict([0.7], [0.8])).toBe('untestable')
  })
  it('name the cheapest exit that reaches the baseline, and compare it with the whole of that', () => {
    const claims = claimsOf(
      [subject('b', 'baseline', [0.7, 0.7]), subject('s', 'self-distillation', [0.9, 0.9], 0.75)],
      nothing
    )
    const shallow = claims.find(({ id }) => id === 'shallow')
    expect(shallow?.text).toBe('Exit 1 alone is as good as the whole baseline')
    expect(shallow?.effect).toBe('+5.0 points (+5.0 to +5.0)')
    expect(shallow?.note).toBe('It computes 4.0 times less.')
  })
  it('do not compare accuracies of different images, nor pair seeds that occur twice', () => {
    const distilled = subject('s', 'self-distillation', [0.9, 0.91])
    const elsewhere = subject('b', 'baseline', [0.7, 0.71])
    for (const item of elsewhere.items) item.evaluatedOn = 'mine test, 100 images'
    expect(claimsOf([elsewhere, distilled], nothing)[0]).toMatchObject({
      verdict: 'untestable',
      note: 'Their accuracies were measured on different images.'
    })
    const twice = subject('b', 'baseline', [0.7, 0.71])
    for (const item of twice.items) item.seed = 0
    expect(claimsOf([twice, distilled], nothing)[0]).toMatchObject({
      verdict: 'untestable',
      note: 'A seed occurs twice in a subject, so seeds can’t be paired.'
    })
  })
  it('do not call self-distillation what is none', () => {
    const [first] = claimsOf([subject('b', 'baseline', [0.7]), subject('ds', 'deep-supervision', [0.8])], nothing)
    expect(first?.text).toBe('The deepest exit of ds is more accurate')
  })
  it('say so where a number is missing', () => {
    const [first] = claimsOf(
      [
        subject('b', 'baseline', [0.7]),
        { name: 's', items: [makeItem({ role: 'self-distillation', accuracies: [null] })] }
      ],
      nothing
    )
    expect(first).toMatchObject({ effect: 'not measured', verdict: 'untestable' })
  })
})
