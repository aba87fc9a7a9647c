import { UserError } from '../../../../src-shared/errors.ts'
import type { Matrix } from '../../../../src-shared/science/matrix.ts'
import type { StoredTensor, TensorData } from '../format.ts'
import { toFloats } from '../safetensors/weights-file.ts'
import type { StoredOutputs } from './stored-outputs.ts'

/** A file's outputs, read. */
export type Outputs = {
  labels: Int32Array
  /** Shallowest first; logits [N,C], features [N,d]. */
  exits: { exit: number; logits: Matrix; features: Matrix | null }[]
  count: number
  classes: number
}

/** Reads outputs whole. Throws UserError for labels that are none of the classes, and for values that are not finite. */
export async function readOutputs(path: string, { labels, exits, count, classes }: StoredOutputs): Promise<Outputs> {
  const read: Outputs['exits'] = []
  const known = readLabels(path, await labels.load(), classes)
  for (const { exit, logits, features } of exits)
    read.push({
      exit,
      logits: await readMatrix(path, `the logits of exit ${exit}`, logits),
      features: features && (await readMatrix(path, `the features of exit ${exit}`, features))
    })
  return { labels: known, exits: read, count, classes }
}

function readLabels(path: string, values: TensorData, classes: number): Int32Array {
  return Int32Array.from({ length: values.length }, (_, image) => {
    const label = Number(values[image])
    if (!Number.isInteger(label))
      throw new UserError(`${path}: the label of image ${image} is ${label}; labels are whole numbers.`)
    if (label < 0 || label >= classes)
      throw new UserError(
        `${path}: the label of image ${image} is ${label}, but the logits are of classes 0 to ${classes - 1}.`
      )
    return label
  })
}

async function readMatrix(path: string, what: string, tensor: StoredTensor): Promise<Matrix> {
  const [rows = 0, columns = 0] = tensor.shape
  const data = toFloats(await tensor.load())
  const wrong = data.findIndex((value) => !Number.isFinite(value))
  if (wrong >= 0)
    throw new UserError(
      `${path}: ${what} hold ${data[wrong]} at image ${Math.floor(wrong / columns)}; they must be finite.`
    )
  return { data, rows, columns }
}
