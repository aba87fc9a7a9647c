import { UsageError } from '../../../src-shared/errors.ts'
import type { LabRequest, LabResult } from '../../../src-shared/lab-contract.ts'
import { describeDataset, findDataset } from '../data/dataset.ts'
import { inputSizeOf } from '../data/input-size.ts'
import { exitCosts, type Cost } from '../model/cost.ts'
import type { Place } from '../model/follow.ts'
import { describeNetwork } from '../model/layer.ts'
import { tensorSpecs } from '../model/tensor-specs.ts'
import { networkOf } from '../runs/manifest.ts'
import { requireSameClasses, requireTrainable } from '../training/check-config.ts'
import { openTeacher } from '../training/teacher.ts'
import { oneClass, stepsOf } from '../training/training-data.ts'
import { stepMemory, trainingMultiplyAdds } from '../training/training-cost.ts'

/**
 * What a configuration would train, from the headers of the data set's files and of the teacher's. Throws UsageError or
 * UserError where training would refuse to begin.
 */
export async function previewNetwork({ config }: LabRequest<'previewNetwork'>): Promise<LabResult<'previewNetwork'>> {
  const { data, batchSize } = config
  const { name, classes, trainCount, shape } = await describeDataset(await findDataset(data.name))
  if (classes.length < 2) throw oneClass(name)
  if (data.limit !== null && data.limit > trainCount)
    throw new UsageError(`The limit of ${data.limit} images is more than the ${trainCount} images there are.`)
  const size = inputSizeOf(shape)
  const network = networkOf({ config, data: { classes, channels: shape[2], size } })
  const teacher = config.teacher ? await openTeacher(config.teacher) : null
  if (teacher) requireSameClasses(config.teacher!.path, teacher.classes, classes)
  const warnings = requireTrainable(network, config, teacher?.network ?? null, size)
  const { full, exits, stem, stages } = exitCosts(network, size)
  const images = Math.round((data.limit ?? trainCount) * (1 - data.validation))
  return {
    network: describeNetwork(network),
    ...costOf(full),
    exits,
    stem: describePart(stem),
    stages: stages.map(describePart),
    tensors: tensorSpecs(network).map(({ name, shape }) => ({ name, shape })),
    steps: stepsOf(data.limit ?? trainCount, batchSize),
    size,
    epochMultiplyAdds: images * trainingMultiplyAdds(network, config, teacher?.network ?? null, size),
    memoryBytes: stepMemory(network, config, teacher?.network ?? null, size),
    warnings
  }
}

const costOf = ({ parameters, multiplyAdds }: Cost) => ({ parameters, multiplyAdds })

const describePart = (part: Cost & Place & { convolutions: number }) => ({
  channels: part.channels,
  size: part.size,
  ...costOf(part),
  convolutions: part.convolutions
})
