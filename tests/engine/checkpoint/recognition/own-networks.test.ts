import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recognize } from '../../../../src-main/engine/checkpoint/recognition/recognize.ts'
import type { Network } from '../../../../src-main/engine/model/layer.ts'
import { tensorSpecs } from '../../../../src-main/engine/model/tensor-specs.ts'
import { headNames } from '../../../../src-shared/networks/network-spec.ts'
import { networkNames } from '../../../../src-shared/networks/find-network.ts'
import { networkNamed } from '../../../helpers/networks.ts'

const shapesOf = (network: Network) => new Map(tensorSpecs(network).map(({ name, shape }) => [name, { shape }]))

const forms = [
  ...networkNames.map((name) => ({ name, form: 'cifar' as const })),
  ...['resnet18', 'resnet50', 'resnext50-32x4d', 'pyramidnet101-240', 'wrn28-12'].map((name) => {
    return { name, form: 'imagenet' as const }
  })
]

describe('a network of ours is recognised by its names and shapes', () => {
  test.each(forms)('$name, $form', ({ name, form }) => {
    for (const exits of ['all', 'deepest'] as const) {
      const network = networkNamed({ name, form, width: 64, classes: 7, inputChannels: 1, exits })
      // Titles and depths say what shapes don't: WRN22-8 has the tensors of WRN20-8.
      const { title: _, depth: __, ...layers } = network
      const found = recognize(shapesOf(network), null)
      expect(found.misfit).toBeNull()
      expect(found.network).toMatchObject(layers)
    }
  })

  test('with any head', () => {
    const options = fc.record({
      name: fc.constantFrom('resnet18', 'resnet50', 'vgg16', 'wrn14-2', 'resnext11-2x8d', 'pyramidnet14-9'),
      width: fc.integer({ min: 2, max: 20 }),
      classes: fc.integer({ min: 2, max: 20 }),
      inputChannels: fc.integer({ min: 1, max: 4 }),
      head: fc.constantFrom(...headNames),
      headWidth: fc.integer({ min: 1, max: 9 }),
      attention: fc.boolean()
    })
    fc.assert(
      fc.property(options, (chosen) => {
        const network = networkNamed({ ...chosen, exits: 'all' })
        const found = recognize(shapesOf(network), null)
        const { title: _, depth: __, width: ___, ...layers } = network
        expect(found.network).toMatchObject(layers)
      }),
      { numRuns: 60 }
    )
  })
})
