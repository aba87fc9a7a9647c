import { UserError } from '../../../src-shared/errors.ts'
import { maskedCrc32c } from '../curves/crc32c.ts'
import { latin1 } from '../pickle/values.ts'
import type { OpenFile } from './open-file.ts'

/** Files that people take for checkpoints, by their first bytes. */
const signatures: { bytes: number[]; sentence: string }[] = [
  {
    bytes: [0x50, 0x4b, 0x03, 0x04],
    sentence:
      'a zip file, but none that PyTorch, Keras or NumPy writes; unpack it, and open the checkpoint that lies in it'
  },
  ...[
    [0x80, 0x02, 0x7d],
    [0x80, 0x03, 0x7d],
    [0x80, 0x04, 0x95],
    [0x80, 0x05, 0x95]
  ].map((bytes) => ({
    bytes,
    sentence: "a Python pickle that torch.save did not write; save the network's state dict with torch.save to open it"
  })),
  { bytes: [0x89, 0x50, 0x4e, 0x47], sentence: 'a PNG image, not a checkpoint' },
  { bytes: [0xff, 0xd8, 0xff], sentence: 'a JPEG image, not a checkpoint' },
  { bytes: [0x1f, 0x8b], sentence: 'a gzip file, not a checkpoint' },
  { bytes: [0x25, 0x50, 0x44, 0x46], sentence: 'a PDF, not a checkpoint' }
]

const lfsPointer = 'version https://git-lfs'

/** The sentence for a file that is in no format known here: what it is, where its beginning tells. */
export function unknownFile({ path, size, start }: Pick<OpenFile, 'path' | 'size' | 'start'>): UserError {
  if (size === 0) return new UserError(`${path} is empty.`)
  const found = signatures.find(({ bytes }) => bytes.every((byte, index) => start[index] === byte))
  if (found) return new UserError(`${path} is ${found.sentence}.`)
  if (latin1(start).startsWith(lfsPointer))
    return new UserError(`${path} only stands for a file that Git LFS keeps; fetch it with git lfs pull.`)
  if (isEventLog(start))
    return new UserError(
      `${path} holds TensorBoard curves, not a checkpoint; open the checkpoint beside them and see Learns?`
    )
  const isText = start.every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte !== 127))
  const kind = isText ? 'is text, not a checkpoint' : 'is no checkpoint that is read here'
  return new UserError(`${path} ${kind}; PyTorch, safetensors, ONNX, Keras, tfjs and NumPy files are opened.`)
}

/** Whether it begins as TensorBoard's logs do: a TFRecord's length and its check sum, then an event's time. */
function isEventLog(start: Uint8Array): boolean {
  if (start.length < 13) return false
  const sum = new DataView(start.buffer, start.byteOffset).getUint32(8, true)
  return maskedCrc32c(start.subarray(0, 8)) === sum && start[12] === 0x09
}
