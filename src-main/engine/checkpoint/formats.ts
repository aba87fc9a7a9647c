import type { CheckpointFormat, Contents } from './format.ts'
import type { OpenFile } from './open-file.ts'
import { safetensorsFormat } from './safetensors/safetensors-format.ts'

/** Every format of a single file, in the order in which they are asked; a run's folder is opened by `checkpoint.ts`. */
const formats: readonly CheckpointFormat[] = [safetensorsFormat]

/** What a file holds, and in which format; of one in none of them the sentence is that of safetensors. Throws UserError. */
export async function readContents(file: OpenFile): Promise<Contents & { format: string }> {
  for (const format of formats)
    if (await format.match(file)) return { ...(await format.read(file)), format: format.name }
  return { ...(await safetensorsFormat.read(file)), format: safetensorsFormat.name }
}
