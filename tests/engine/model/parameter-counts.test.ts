import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { exitCosts, type Cost } from '../../../src-main/engine/model/cost.ts'
import { tensorSpecs, isTrainable } from '../../../src-main/engine/model/tensor-specs.ts'
import { paperWidth } from '../../../src-shared/networks/find-network.ts'
import { networkNamed } from '../../helpers/networks.ts'

type Counted = { form: 'cifar' | 'imagenet'; parameters: number }
type Run = Counted & { size: number; multiplyAdds: number }

/** What PyTorch and torchvision count (tests/fixtures/witness/counts.py). */
const counts = JSON.parse(
  readFileSync(new URL('../../fixtures/golden/families/counts.json', import.meta.url), 'utf8')
) as {
  whole: Record<string, Run & { classes: number }>
  /** Without classifiers. */
  features: Record<string, Run>
  parametersOnly: Record<string, Counted & { classes: number }>
}

const fullSize = (name: string, { form, classes = 10 }: { form: Counted['form']; classes?: number }) =>
  networkNamed({ name, form, classes, width: paperWidth(name), inputChannels: 3, exits: 'deepest' })

const sum = (parts: Cost[], key: keyof Cost): number => parts.reduce((total, part) => total + part[key], 0)

describe('at full size, exactly as PyTorch counts:', () => {
  test.each(Object.entries(counts.whole))('%s', (name, expected) => {
    const network = fullSize(name, expected)
    const { full } = exitCosts(network, expected.size)
    expect(full).toEqual({ parameters: expected.parameters, multiplyAdds: expected.multiplyAdds })
    const numbers = tensorSpecs(network).filter(isTrainable)
    expect(numbers.reduce((total, { shape }) => total + shape.reduce((a, b) => a * b, 1), 0)).toBe(full.parameters)
  })

  test.each(Object.entries(counts.features))('the features of %s', (name, expected) => {
    const { stem, stages } = exitCosts(fullSize(name, expected), expected.size)
    expect(sum([stem, ...stages], 'parameters')).toBe(expected.parameters)
    expect(sum([stem, ...stages], 'multiplyAdds')).toBe(expected.multiplyAdds)
  })

  test.each(Object.entries(counts.parametersOnly))('the parameters of %s', (name, expected) => {
    expect(exitCosts(fullSize(name, expected)).full.parameters).toBe(expected.parameters)
  })
})
