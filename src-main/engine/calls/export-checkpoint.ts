import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { EngineRequest, EngineResult } from '../../../src-shared/contract.ts'
import { openCheckpoint } from '../checkpoint/checkpoint.ts'
import { originKey } from '../checkpoint/origin.ts'
import { encodeSafetensors } from '../checkpoint/safetensors/safetensors-file.ts'
import { toFileTensors } from '../checkpoint/safetensors/weights-file.ts'
import { writeAtomically } from '../runs/atomic-write.ts'

/**
 * Writes a checkpoint's weights as safetensors with PyTorch's names, and in its metadata how images are prepared, so
 * that the file opens here as the run did. `out` is a file, or a folder that exists.
 */
export async function exportCheckpoint({
  path,
  out
}: EngineRequest<'exportCheckpoint'>): Promise<EngineResult<'exportCheckpoint'>> {
  const { weights, origin, name } = await openCheckpoint(path)
  const metadata = new Map([['format', 'pt']])
  if (origin) metadata.set(originKey, JSON.stringify(origin))
  const isFolder = await stat(out).then(
    (entry) => entry.isDirectory(),
    () => false
  )
  const file = isFolder ? join(out, `${basename(name)}.safetensors`) : out
  const bytes = encodeSafetensors(toFileTensors(weights), metadata)
  await writeAtomically(file, bytes)
  return { out: file, bytes: bytes.length }
}
