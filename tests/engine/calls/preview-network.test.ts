import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readNetworkFile } from '../../../src-shared/networks/read-network-file.ts'
import { buildRunConfig } from '../../../src-shared/train-options.ts'
import { packageRoot } from '../../../src-main/package-root.ts'
import { UsageError } from '../../../src-shared/errors.ts'
import { labCalls } from '../../../src-shared/lab-contract.ts'
import { networkNames } from '../../../src-shared/networks/find-network.ts'
import { needsTeacher, methodNames, trainsEveryExit, type RunConfig } from '../../../src-shared/run-config.ts'
import { previewNetwork } from '../../../src-main/engine/calls/preview-network.ts'
import { loadDataset } from '../../../src-main/engine/data/dataset.ts'
import { tensorSpecs } from '../../../src-main/engine/model/tensor-specs.ts'
import { networkOf } from '../../../src-main/engine/runs/manifest.ts'
import { prepareTrainingData } from '../../../src-main/engine/training/training-data.ts'
import { encodeIdx, writeTinyDataset } from '../data/idx-fixtures.ts'
import { smallConfig, temporaryFolder } from '../training/small-run.ts'

type Changes = Partial<RunConfig> & { dataset?: string; limit?: number | null }

const preview = ({ dataset = 'fashion-mnist', limit = null, ...changes }: Changes = {}) =>
  previewNetwork({
    config: smallConfig({
      network: { name: 'resnet18', width: 8 },
      batchSize: 64,
      ...changes,
      data: { name: dataset, limit, labelNoise: 0, validation: 0 }
    })
  })

describe('what would be trained', () => {
  const alone = methodNames.filter((method) => !needsTeacher(method))
  test.each(networkNames.flatMap((name) => alone.map((method) => [name, method] as const)))(
    '%s, %s: the tensors of a fresh run',
    async (name, method) => {
      const network = { name, width: 4 }
      const found = await preview({ network, method })
      expect(labCalls.previewNetwork.result.parse(found)).toEqual(found)
      const data = { classes: Array.from({ length: 10 }, String), channels: 1 }
      const specs = tensorSpecs(networkOf({ config: { network, method }, data }))
      expect(found.tensors).toEqual(specs.map(({ name, shape }) => ({ name, shape })))
      expect(found.exits).toHaveLength(trainsEveryExit(method) ? found.stages.length : 1)
      expect(found.exits.at(-1)).toMatchObject({ parameters: found.parameters, acceleration: 1, compression: 1 })
      expect(found.network).toContain(', width 4, 10 classes')
      expect(found.memoryBytes).toBeGreaterThan(found.parameters)
      expect(found.epochMultiplyAdds).toBeGreaterThan(found.multiplyAdds * 60_000)
    }
  )

  test("the example of a network of one's own, as it comes", async () => {
    const name = 'resources/networks/example.json'
    const spec = readNetworkFile(readFileSync(join(packageRoot, name), 'utf8'), name)
    const found = await previewNetwork({ config: buildRunConfig({ spec, limit: 100 }) })
    expect(found.network).toBe('Lesson, width 16, 10 classes, 4 exits')
  })

  test('the costs of the paper-sized ResNet18', async () => {
    // He et al.'s network in its CIFAR form: 11.17 million parameters, 0.56 billion multiply-adds on 32 x 32 pixels.
    const found = await preview({ network: { name: 'resnet18', width: 64 }, method: 'baseline' })
    expect(found.parameters).toBe(11_172_810)
    expect(found.multiplyAdds / 1e9).toBeCloseTo(0.56, 1)
  })

  test.each([null, 100, 64, 65, 66, 129, 2, 3])('limit %s: as many steps as training takes', async (limit) => {
    const config = smallConfig({ batchSize: 64, data: { ...smallConfig().data, limit, validation: 0 } })
    const preprocessing = { size: 32, mean: [0], deviation: [1] }
    const data = prepareTrainingData(config, await loadDataset('fashion-mnist'), preprocessing)
    expect((await preview({ limit })).steps).toBe(data.stepsPerEpoch)
  })

  test('a folder: its classes and channels', async () => {
    const dataset = await writeTinyDataset(temporaryFolder(), {
      trainImages: encodeIdx([6, 2, 2, 3], Array<number>(72).fill(1)),
      testImages: encodeIdx([3, 2, 2, 3], Array<number>(36).fill(1))
    })
    const found = await preview({ dataset, batchSize: 4 })
    expect(found.network).toBe('ResNet18, width 8, 3 classes, 4 exits')
    expect(found.tensors[0]).toEqual({ name: 'conv1.weight', shape: [8, 3, 3, 3] })
    expect(found.steps).toBe(2)
  })
})

describe('what would be refused', () => {
  test('too large a limit, one image', async () => {
    await expect(preview({ limit: 60_001 })).rejects.toThrow(
      new UsageError('The limit of 60001 images is more than the 60000 images there are.')
    )
    await expect(preview({ limit: 1 })).rejects.toThrow('There is one image to train on;')
  })

  test('one class, no data set; larger images get a larger input', async () => {
    const one = await writeTinyDataset(temporaryFolder(), { trainLabels: encodeIdx([6], [0, 0, 0, 0, 0, 0]) })
    await expect(preview({ dataset: one })).rejects.toThrow(
      /^The data set .* has one class only; there is nothing to learn\.$/
    )
    const large = await writeTinyDataset(temporaryFolder(), {
      trainImages: encodeIdx([6, 40, 20], Array<number>(4800).fill(0))
    })
    expect((await preview({ dataset: large })).size).toBe(64)
    await expect(preview({ dataset: 'nothing' })).rejects.toThrow('There is no data set or folder named "nothing"')
  })
})
