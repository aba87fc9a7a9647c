import type { CheckpointFormat, Contents, StoredTensor } from '../format.ts'
import type { OpenFile } from '../open-file.ts'
import { contentsOfModel } from './contents-of-model.ts'
import type { Hdf5Outline } from './hdf5/hdf5-task.ts'
import { readOutline, type Hdf5Source } from './hdf5/read-hdf5.ts'
import { parseModelText } from './model-text.ts'
import { refusalsOf } from './refuse.ts'
import { storedDatasets } from './stored-datasets.ts'
import { inPytorchLayout, type Layout, type Variable } from './variables.ts'
import { variablesOfGroups, type Stored } from './weight-groups.ts'

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

/** HDF5: a Keras model with its configuration, the weights of one, or any arrays. */
export const kerasH5: CheckpointFormat = {
  name: 'keras-h5',
  match: ({ start }) => signature.every((byte, index) => start[index] === byte),
  read
}

async function read({ path, size, read }: OpenFile): Promise<Contents> {
  const source: Hdf5Source = { path, size, bytes: () => read(0, size) }
  const outline = await readOutline(source)
  const stored = storedDatasets(source, outline)
  const [configuration] = textOf(outline, 'model_config')
  if (configuration === undefined) return weightsOnly(outline, stored)
  const refuse = refusalsOf(path)
  const model = parseModelText(configuration, refuse)
  const isKeras3 = /^3\./.test(textOf(outline, 'keras_version')[0] ?? '')
  const variables = variablesOfGroups(outline, stored, model, refuse)
  return contentsOfModel(path, model, variables, { isKeras3, isTfjs: false })
}

const textOf = ({ texts }: Hdf5Outline, name: string): string[] =>
  texts.find((found) => found.path === '' && found.name === name)?.texts ?? []

/** A list of tensors: those of Keras's layers, told by their number of axes, in PyTorch's order. */
function weightsOnly({ texts }: Hdf5Outline, stored: Stored): Contents {
  const isOfLayers = texts.some(({ path, name }) => path === '' && name.startsWith('layer_names'))
  const tensors = new Map<string, StoredTensor>()
  for (const [path, variable] of stored) {
    const isOfKeras = isOfLayers || /\/vars\/\d+$/.test(path)
    tensors.set(
      path.slice(1).replace(/:0$/, ''),
      isOfKeras ? inPytorchLayout(variable, likelyLayout(path, variable)) : variable
    )
  }
  return { tensors, notes: new Map() }
}

function likelyLayout(path: string, { shape }: Variable): Layout {
  if (shape.length === 2) return 'linear'
  if (shape.length !== 4) return 'plain'
  return /depthwise/.test(path) ? 'depthwise' : 'convolution'
}
