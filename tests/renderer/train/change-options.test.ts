import { describe, expect, it } from 'vitest'
import { changeOptions, keepOwn } from '../../../src-renderer/train/change-options.ts'
import { methodNames, needsTeacher } from '../../../src-shared/run-config.ts'
import { buildRunConfig, type TrainOptions } from '../../../src-shared/train-options.ts'

/** Everything that a method can be told at once. */
const full: Partial<Record<(typeof methodNames)[number], TrainOptions>> = {
  'deep-supervision': { head: 'scan', headWidth: 64, attention: false },
  'self-distillation': {
    ...{ preset: 'byot-journal', alpha: 0.2, lambda: 0.1, temperature: 2, hintOn: 'maps', head: 'bottleneck' },
    ...{ headWidth: 8, labelWeights: [1, 1, 1, 1], distillWeights: [1, 1, 1, 0], hintWeights: [1, 1, 1, 0] }
  },
  kd: { teacher: '/a', labelWeight: 0.2, methodWeight: 0.8, temperature: 2 },
  fitnets: { teacher: '/a', labelWeight: 0.2, methodWeight: 50, teacherStage: 3 },
  'attention-transfer': { teacher: '/a', labelWeight: 0.2, methodWeight: 500 },
  'mutual-learning': { methodWeight: 2, temperature: 2 },
  'self-distillation-rounds': { rounds: 2, roundLoss: 'cross-entropy' }
}
const pairs = methodNames.flatMap((from) => methodNames.map((to) => [from, to] as const))

describe('changing the method', () => {
  it.each(pairs)('from %s with all its options to %s leaves nothing that contradicts', (from, to) => {
    const before = changeOptions({ width: 8 }, { method: from, ...full[from] })
    const after = changeOptions(before, { method: to })
    const ready: TrainOptions = needsTeacher(to) ? { teacher: '/a', ...after } : after
    expect(buildRunConfig(ready).method).toBe(to)
  })

  it('keeps a teacher, but no weights: they are of another size', () => {
    const after = changeOptions({ method: 'fitnets', ...full.fitnets }, { method: 'attention-transfer' })
    expect(after).toEqual({ method: 'attention-transfer', teacher: '/a' })
  })

  it('keeps the heads of a form of the loss where every exit is trained', () => {
    const journal = changeOptions({}, { preset: 'byot-journal' })
    const after = changeOptions(journal, { method: 'deep-supervision' })
    expect(buildRunConfig(after).network.head).toBe('sepconv')
    expect(buildRunConfig(after).network.attention).not.toBe(false)
    expect(changeOptions(after, { method: 'baseline' })).toEqual({ method: 'baseline' })
  })
})

describe('changing one setting', () => {
  it('lets a form of the loss begin with its own weights and heads', () =>
    expect(changeOptions({ alpha: 0.9, head: 'linear', epochs: 2 }, { preset: 'scan' })).toEqual({
      preset: 'scan',
      epochs: 2
    }))
  it('lets alpha and lambda count again after weights exit by exit', () => {
    const weighted = { labelWeights: [1, 1], distillWeights: [1, 0], hintWeights: [1, 0] }
    expect(changeOptions(weighted, { alpha: 0.5 })).toEqual({ alpha: 0.5, hintWeights: [1, 0] })
    expect(changeOptions(weighted, { lambda: 0.5 })).not.toHaveProperty('hintWeights')
  })
  it('drops what is of another network’s stages', () =>
    expect(changeOptions({ form: 'imagenet', labelWeights: [1, 1, 1, 1], width: 8 }, { network: 'vgg16' })).toEqual({
      network: 'vgg16',
      width: 8
    }))
  it('takes a network from a file with its own width, and leaves it for a named one', () => {
    const spec = { name: 'Mine', stages: [[{ block: 'basic' as const, channels: 24 }]] }
    const own = changeOptions({ network: 'vgg16', width: 8 }, { spec })
    expect(buildRunConfig(own).network).toMatchObject({ name: 'custom', width: 24, spec })
    expect(changeOptions(own, { network: 'cnn' })).toEqual({ network: 'cnn', width: 24 })
  })
  it('drops a head’s width and attention where it has none', () => {
    const heads = { head: 'scan' as const, headWidth: 64, attention: false }
    expect(changeOptions(heads, { head: 'bottleneck' })).toEqual({ head: 'bottleneck', headWidth: 64 })
    expect(changeOptions(heads, { head: 'sepconv' })).toEqual({ head: 'sepconv', attention: false })
    expect(changeOptions(heads, { head: 'linear' })).toEqual({ head: 'linear' })
  })
})

describe('keepOwn', () => {
  it('leaves out what is undefined', () => expect(keepOwn({ seed: undefined, width: 4 })).toEqual({ width: 4 }))
})
