import type { TensorData } from '../format.ts'
import { halfToFloat32 } from '../safetensors/float-types.ts'
import type { Hdf5Dataset, Hdf5Outline } from './hdf5/hdf5-task.ts'
import { readValues, type Hdf5Source } from './hdf5/read-hdf5.ts'
import type { Stored } from './weight-groups.ts'

/** The data sets of an HDF5 file by path; the values of all are read at the first that is asked for. */
export function storedDatasets(source: Hdf5Source, { datasets, values }: Hdf5Outline): Stored {
  let reading: Promise<ArrayBuffer[]> | null = values ? Promise.resolve(values) : null
  const read = () =>
    (reading ??= readValues(
      source,
      datasets.map(({ path }) => path)
    ))
  return new Map(
    datasets.map(({ path, dtype, shape }, index) => [
      path,
      { dtype, shape, load: async () => decode(dtype, (await read())[index]!) }
    ])
  )
}

function decode(dtype: Hdf5Dataset['dtype'], bytes: ArrayBuffer): TensorData {
  switch (dtype) {
    case 'F64':
      return new Float32Array(new Float64Array(bytes))
    case 'F32':
      return new Float32Array(bytes)
    case 'F16':
      return halfToFloat32(new Uint16Array(bytes))
    case 'I64':
      return new BigInt64Array(bytes)
    case 'I32':
      return new Int32Array(bytes)
    case 'I16':
      return new Int32Array(new Int16Array(bytes))
    case 'I8':
      return new Int32Array(new Int8Array(bytes))
    case 'U8':
      return new Uint8Array(bytes)
  }
}
