import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { buildNetwork } from '../../../src-main/engine/model/build-network.ts'
import { exitCosts } from '../../../src-main/engine/model/cost.ts'
import { follow } from '../../../src-main/engine/model/follow.ts'
import { initialWeights } from '../../../src-main/engine/model/initialize.ts'
import { isTrainable, tensorSpecs } from '../../../src-main/engine/model/tensor-specs.ts'
import { UsageError } from '../../../src-shared/errors.ts'
import {
  customNetwork,
  featureCount,
  findNetwork,
  nameProblem,
  networkNames,
  paperWidth
} from '../../../src-shared/networks/find-network.ts'
import { headNames, stageChannels } from '../../../src-shared/networks/network-spec.ts'
import { networkNamed } from '../../helpers/networks.ts'

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

const choices = fc.record({
  width: fc.integer({ min: 1, max: 20 }),
  classes: fc.integer({ min: 2, max: 20 }),
  inputChannels: fc.constantFrom(1, 3),
  exits: fc.constantFrom('all' as const, 'deepest' as const),
  head: fc.constantFrom(undefined, ...headNames),
  headWidth: fc.constantFrom(undefined, 1, 12),
  attention: fc.boolean()
})

describe.each(networkNames)('%s, whatever its width, classes and heads', (name) => {
  const tensors = networkNamed({ name, width: 4, classes: 2, inputChannels: 1, exits: 'deepest' })
  const runs = { numRuns: tensorSpecs(tensors).length > 400 ? 5 : 15 }

  test('has tensors of different names, as large as its weights and its costs say', () => {
    fc.assert(
      fc.property(choices, (options) => {
        const network = networkNamed({ name, ...options })
        const specs = tensorSpecs(network)
        expect(new Set(specs.map((spec) => spec.name)).size).toBe(specs.length)
        const { stem, stages, exits, ensemble, full } = exitCosts(network)
        const trained = specs.filter(isTrainable)
        const count = (part: typeof specs): number => part.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
        expect(ensemble.parameters).toBe(count(trained))
        const backbone = [stem, ...stages].reduce((sum, { parameters }) => sum + parameters, 0)
        expect(backbone).toBe(count(trained.filter(({ part }) => part === 'backbone')))
        expect(full).toMatchObject({ parameters: exits.at(-1)!.parameters, multiplyAdds: exits.at(-1)!.multiplyAdds })
        for (const { acceleration, multiplyAdds } of exits)
          expect(acceleration).toBeCloseTo(full.multiplyAdds / multiplyAdds, 9)
      }),
      runs
    )
  })

  test('begins with finite weights of the shapes that it needs', () => {
    fc.assert(
      fc.property(choices, (options) => {
        const network = networkNamed({ name, ...options, width: Math.min(options.width, 3), headWidth: 2 })
        const weights = initialWeights(network, options.classes)
        const specs = tensorSpecs(network)
        expect(weights.size).toBe(specs.length)
        for (const spec of specs) {
          const { shape, data } = weights.get(spec.name)!
          expect(shape).toEqual(spec.shape)
          expect(data).toHaveLength(sizeOf(shape))
          expect(data.every(Number.isFinite)).toBe(true)
        }
      }),
      { numRuns: 3 }
    )
  })

  test('has heads that give the deepest channels and size', () => {
    fc.assert(
      fc.property(choices, (options) => {
        const network = networkNamed({ name, ...options, exits: 'all' })
        const { stages } = exitCosts(network)
        const deepest = stages.at(-1)!
        expect(featureCount({ name, width: options.width })).toBe(deepest.channels)
        for (const { exit, head, classifier } of network.exits) {
          const { size, channels } = stages[exit - 1]!
          const to = follow(head, { size, channels })
          expect(classifier).toMatchObject({ inFeatures: to.channels, outFeatures: options.classes })
          if (options.head === 'linear') expect(to).toEqual({ size, channels })
          else expect(to).toEqual({ size: deepest.size, channels: deepest.channels })
        }
      }),
      runs
    )
  })

  test('has an exit on every stage, the deepest last, or that one only', () => {
    const options = { name, width: paperWidth(name), classes: 10, inputChannels: 3 }
    const all = networkNamed({ ...options, exits: 'all' })
    expect(all.exits.map(({ exit }) => exit)).toEqual(all.stages.map((_, index) => index + 1))
    const deepest = networkNamed({ ...options, exits: 'deepest' })
    expect(deepest.exits).toEqual(all.exits.slice(-1))
    expect(deepest).toMatchObject({ heads: 'none', stages: all.stages, stem: all.stem })
    const { spec, title } = findNetwork({ name, width: options.width })
    expect(title).toBe(all.title)
    expect(stageChannels(spec, 3).slice(1)).toEqual(exitCosts(all).stages.map(({ channels }) => channels))
  })
})

describe('names', () => {
  const wrong = [
    ['resnet19', 'There is no network named "resnet19"; known are resnet18, '],
    ['ResNet18', 'There is no network named "ResNet18"'],
    ['__proto__', 'There is no network named "__proto__"'],
    ['', 'There is no network named ""'],
    ['wrn21-8', 'wrn21-8 needs a depth of 6n + 2 or 6n + 4: take 20, 28, 40 or 44.'],
    ['wrn4-2', 'wrn4-2 needs a depth of 6n + 2 or 6n + 4'],
    ['wrn28-0', 'wrn28-0 needs a widening of at least 1.'],
    ['resnext30-8x64d', 'resnext30-8x64d has no such depth: take 29, 50, 101 or 152.'],
    ['resnext29-0x64d', 'resnext29-0x64d needs one group of one channel at least.'],
    ['pyramidnet100-48', 'pyramidnet100-48 needs a depth of 9n + 2 or 6n + 2: take 101, 110, 164 or 200.'],
    ['pyramidnet110-0', 'pyramidnet110-0 needs an alpha of at least 1.']
  ] as const
  test.each(wrong)('%s is none', (name, message) => {
    expect(nameProblem(name)).toContain(message)
    expect(() => findNetwork({ name, width: 8 })).toThrow(UsageError)
    expect(() => findNetwork({ name, width: 8 })).toThrow(message)
  })

  test.each(['wrn40-4', 'wrn16-1', 'resnext101-32x8d', 'resnext38-2x16d', 'pyramidnet110-270', 'pyramidnet272-200m'])(
    '%s is one',
    (name) => expect(nameProblem(name)).toBeNull()
  )

  test('a network trains with its deepest exit alone where heads do not fit', () => {
    const spec = {
      name: 'Thirds',
      stages: [[{ block: 'convolution' as const, channels: 4 }], [{ block: 'average-pool' as const, kernel: 3 }]]
    }
    const member = findNetwork({ name: customNetwork, width: 4, spec })
    const build = (exits: 'all' | 'deepest') => buildNetwork({ member, width: 4, classes: 2, inputChannels: 1, exits })
    expect(build('deepest').exits).toHaveLength(1)
    expect(() => build('all')).toThrow(
      "Exit 1 of Thirds can't be built: the head bottleneck can't bring features of 32 x 32 pixels to the deepest 10 x 10."
    )
  })
})
