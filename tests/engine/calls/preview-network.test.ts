import { describe, expect, test } from 'vitest'
import { UsageError } from '../../../src-shared/errors.ts'
import { labCalls } from '../../../src-shared/lab-contract.ts'
import { methodNames, networkNames } from '../../../src-shared/run-config.ts'
import { previewNetwork } from '../../../src-main/engine/calls/preview-network.ts'
import { loadDataset } from '../../../src-main/engine/data/dataset.ts'
import { initialWeights } from '../../../src-main/engine/model/initialize.ts'
import { networkOf } from '../../../src-main/engine/runs/manifest.ts'
import { prepareTrainingData } from '../../../src-main/engine/training/training-data.ts'
import { encodeIdx, writeTinyDataset } from '../data/idx-fixtures.ts'
import { smallConfig, temporaryFolder } from '../training/small-run.ts'

const request = {
  network: { name: 'resnet18', width: 8 },
  method: 'self-distillation',
  dataset: 'fashion-mnist',
  limit: null,
  batchSize: 64
} as const

describe('what would be trained', () => {
  test.each(networkNames.flatMap((name) => methodNames.map((method) => [name, method] as const)))(
    '%s, %s: the tensors of a fresh run',
    async (name, method) => {
      const network = { name, width: 4 }
      const preview = await previewNetwork({ ...request, network, method })
      expect(labCalls.previewNetwork.result.parse(preview)).toEqual(preview)
      const data = { classes: Array.from({ length: 10 }, String), channels: 1 }
      const weights = initialWeights(networkOf({ config: { network, method }, data }), 0)
      expect(preview.tensors).toEqual([...weights].map(([name, { shape }]) => ({ name, shape })))
      const exits = method === 'baseline' ? [4] : [1, 2, 3, 4]
      expect(preview.exits.map(({ exit }) => exit)).toEqual(exits)
      expect(preview.exits.at(-1)).toMatchObject({ parameters: preview.parameters, acceleration: 1, compression: 1 })
      expect(preview.network).toContain(`${name.replace('resnet', 'ResNet')}, width 4, 10 classes`)
    }
  )

  test('the costs of the paper-sized ResNet18', async () => {
    // He et al.'s network in its CIFAR form: 11.17 million parameters, 0.56 billion multiply-adds on 32 x 32 pixels.
    const preview = await previewNetwork({ ...request, network: { name: 'resnet18', width: 64 }, method: 'baseline' })
    expect(preview.parameters).toBe(11_172_810)
    expect(preview.multiplyAdds / 1e9).toBeCloseTo(0.56, 1)
  })

  test.each([null, 100, 64, 65, 66, 129, 2, 3])('limit %s: as many steps as training takes', async (limit) => {
    const config = smallConfig({ batchSize: 64, data: { ...smallConfig().data, limit, validation: 0 } })
    const preprocessing = { size: 32, mean: [0], deviation: [1] }
    const data = prepareTrainingData(config, await loadDataset('fashion-mnist'), preprocessing)
    expect((await previewNetwork({ ...request, limit })).steps).toBe(data.stepsPerEpoch)
  })

  test('a folder: its classes and channels', async () => {
    const dataset = await writeTinyDataset(temporaryFolder(), {
      trainImages: encodeIdx([6, 2, 2, 3], Array<number>(72).fill(1)),
      testImages: encodeIdx([3, 2, 2, 3], Array<number>(36).fill(1))
    })
    const preview = await previewNetwork({ ...request, dataset, batchSize: 4 })
    expect(preview.network).toBe('ResNet18, width 8, 3 classes, 4 exits')
    expect(preview.tensors[0]).toEqual({ name: 'conv1.weight', shape: [8, 3, 3, 3] })
    expect(preview.steps).toBe(2)
  })
})

describe('what would be refused', () => {
  test('too large a limit, one image', async () => {
    await expect(previewNetwork({ ...request, limit: 60_001 })).rejects.toThrow(
      new UsageError('The limit of 60001 images is more than the 60000 images there are.')
    )
    await expect(previewNetwork({ ...request, limit: 1 })).rejects.toThrow('There is one image to train on;')
  })

  test('one class, images that are too large, no data set', async () => {
    const one = await writeTinyDataset(temporaryFolder(), { trainLabels: encodeIdx([6], [0, 0, 0, 0, 0, 0]) })
    await expect(previewNetwork({ ...request, dataset: one })).rejects.toThrow(
      /^The data set .* has one class only; there is nothing to learn\.$/
    )
    const large = await writeTinyDataset(temporaryFolder(), {
      trainImages: encodeIdx([6, 40, 20], Array<number>(4800).fill(0))
    })
    await expect(previewNetwork({ ...request, dataset: large })).rejects.toThrow(
      "Images of 40 x 20 pixels do not fit into the network's 32 x 32."
    )
    await expect(previewNetwork({ ...request, dataset: 'nothing' })).rejects.toThrow(
      'There is no data set or folder named "nothing"'
    )
  })
})
