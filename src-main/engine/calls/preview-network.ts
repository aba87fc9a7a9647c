import { UsageError } from '../../../src-shared/errors.ts'
import type { LabRequest, LabResult } from '../../../src-shared/lab-contract.ts'
import { requireRoom } from '../data/batches.ts'
import { describeDataset, findDataset } from '../data/dataset.ts'
import { networkInputSize } from '../data/load-selection.ts'
import { exitCosts } from '../model/cost.ts'
import { describeNetwork } from '../model/layer.ts'
import { tensorSpecs } from '../model/tensor-specs.ts'
import { networkOf } from '../runs/manifest.ts'
import { oneClass, stepsOf } from '../training/training-data.ts'

/**
 * What a configuration would train, from the headers of the data set's files. Throws UsageError or UserError where
 * training would refuse to begin.
 */
export async function previewNetwork({
  network: chosen,
  method,
  dataset,
  limit,
  batchSize
}: LabRequest<'previewNetwork'>): Promise<LabResult<'previewNetwork'>> {
  const { name, classes, trainCount, shape } = await describeDataset(await findDataset(dataset))
  if (classes.length < 2) throw oneClass(name)
  if (limit !== null && limit > trainCount)
    throw new UsageError(`The limit of ${limit} images is more than the ${trainCount} images there are.`)
  requireRoom(shape, networkInputSize)
  const network = networkOf({ config: { network: chosen, method }, data: { classes, channels: shape[2] } })
  const { full, exits } = exitCosts(network)
  return {
    network: describeNetwork(network),
    parameters: full.parameters,
    multiplyAdds: full.multiplyAdds,
    exits,
    tensors: tensorSpecs(network).map(({ name, shape }) => ({ name, shape })),
    steps: stepsOf(limit ?? trainCount, batchSize)
  }
}
