import { finishPieces, type Pieces } from '../pieces.ts'
import { encodeZipInPieces, requireRoomInZip } from '../zip/zip-encode.ts'
import type { SafetensorsTensor } from '../safetensors/safetensors-file.ts'
import { pickleStateDict } from './state-dict-pickle.ts'

const written = new Map([
  ['F32', { storage: 'FloatStorage', holds: Float32Array }],
  ['I64', { storage: 'LongStorage', holds: BigInt64Array }],
  ['I32', { storage: 'IntStorage', holds: Int32Array }],
  ['U8', { storage: 'ByteStorage', holds: Uint8Array }],
  ['BOOL', { storage: 'BoolStorage', holds: Uint8Array }]
])

/**
 * The bytes of a `.pth` that `torch.load(weights_only=True)` opens as an OrderedDict of tensors, in the order given; the same
 * tensors give the same bytes. Writes F32, I64, I32, U8 and BOOL. Throws RangeError where type, shape and data do not fit
 * together, UserError beyond 4 GiB.
 */
export const encodePytorch = (tensors: ReadonlyMap<string, SafetensorsTensor>): Uint8Array =>
  finishPieces(encodePytorchInPieces(tensors))

/** The same in pieces. */
export function* encodePytorchInPieces(tensors: ReadonlyMap<string, SafetensorsTensor>): Pieces<Uint8Array> {
  const root = 'archive'
  const texts = { byteorder: 'little', version: '3\n' }
  const described = [...tensors].map(([name, { dtype, shape, data }], index) => {
    const type = written.get(dtype)
    const count = shape.reduce((product, length) => product * length, 1)
    if (!type || !(data instanceof type.holds) || data.length !== count)
      throw new RangeError(`Tensor ${name} cannot be written: ${dtype} [${shape.join()}] with ${data.length} values.`)
    return { name, storage: type.storage, key: `${index}`, shape, count, data }
  })
  requireRoomInZip(
    described.length,
    described.reduce((sum, { data }) => sum + data.byteLength, 0)
  )
  return yield* encodeZipInPieces([
    { name: `${root}/data.pkl`, bytes: pickleStateDict(described) },
    { name: `${root}/byteorder`, bytes: new TextEncoder().encode(texts.byteorder) },
    ...described.map(({ key, data }) => ({
      name: `${root}/data/${key}`,
      bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    })),
    { name: `${root}/version`, bytes: new TextEncoder().encode(texts.version) }
  ])
}
