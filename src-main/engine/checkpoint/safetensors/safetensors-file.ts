import type { TensorData } from '../format.ts'
import { withOpenFile } from '../open-file.ts'
import { safetensorsFormat } from './safetensors-format.ts'

export { encodeSafetensors, encodeSafetensorsInPieces } from './safetensors-encode.ts'

export type SafetensorsTensor = {
  /** As in the file. */
  dtype: string
  shape: number[]
  data: TensorData
}
export type SafetensorsFile = { metadata: Map<string, string>; tensors: Map<string, SafetensorsTensor> }

/** Reads a safetensors file whole; every refusal is a UserError of one sentence that names the file and what is wrong. */
export async function readSafetensors(path: string): Promise<SafetensorsFile> {
  return withOpenFile(path, async (file) => {
    const { tensors: stored, notes } = await safetensorsFormat.read(file)
    const tensors = new Map<string, SafetensorsTensor>()
    for (const [name, { dtype, shape, load }] of stored) tensors.set(name, { dtype, shape, data: await load() })
    return { metadata: notes, tensors }
  })
}
