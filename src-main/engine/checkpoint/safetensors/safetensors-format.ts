import { readValues } from '../data-types.ts'
import type { CheckpointFormat, Contents } from '../format.ts'
import type { OpenFile } from '../open-file.ts'
import { longestHeader, readLayout } from './safetensors-layout.ts'

/** safetensors: the length of a header, the header, the values. */
export const safetensorsFormat: CheckpointFormat = {
  name: 'safetensors',
  match: ({ start }) => start[8] === 0x7b && headerLength(start) <= longestHeader,
  read
}

const headerLength = (start: Uint8Array): bigint =>
  new DataView(start.buffer, start.byteOffset, start.byteLength).getBigUint64(0, true)

async function read(file: OpenFile): Promise<Contents> {
  const { metadata, planned, dataStart } = await readLayout(file)
  const tensors: Contents['tensors'] = new Map()
  for (const { name, dtype, type, shape, start, end } of planned)
    tensors.set(name, {
      dtype,
      shape,
      load: () => readValues(file, type, dataStart + start, (end - start) / type.bytes)
    })
  return { tensors, notes: metadata }
}
