import type { CheckpointFormat, Contents } from './format.ts'
import { kerasArchive } from './keras/keras-archive.ts'
import { kerasH5 } from './keras/keras-h5.ts'
import { npzFormat } from './npz/npz-format.ts'
import { onnxFormat } from './onnx/onnx-format.ts'
import type { OpenFile } from './open-file.ts'
import { pytorchLegacy } from './pytorch/pytorch-legacy.ts'
import { pytorchTar } from './pytorch/pytorch-tar.ts'
import { pytorchZip } from './pytorch/pytorch-zip.ts'
import { safetensorsFormat } from './safetensors/safetensors-format.ts'
import { tfjsFormat } from './tfjs/tfjs-format.ts'
import { unknownFile } from './unknown-file.ts'

/** Every format of a single file, in the order in which they are asked; a run's folder is opened by `checkpoint.ts`. */
const formats: readonly CheckpointFormat[] = [
  pytorchZip,
  pytorchLegacy,
  safetensorsFormat,
  npzFormat,
  pytorchTar,
  kerasArchive,
  kerasH5,
  tfjsFormat,
  onnxFormat
]

/** What a file holds, and in which format. Throws UserError, for a file in none of them too. */
export async function readContents(file: OpenFile): Promise<Contents & { format: string }> {
  for (const format of formats)
    if (await format.match(file)) return { ...(await format.read(file)), format: format.name }
  throw unknownFile(file)
}
