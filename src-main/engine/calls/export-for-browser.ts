import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { EngineResult, ExportFormat } from '../../../src-shared/contract.ts'
import { exportsFolder } from '../../lab-exports.ts'
import { exportCheckpoint } from './export-checkpoint.ts'

const endings: Record<ExportFormat, string> = { safetensors: '.safetensors', pytorch: '.pth', tfjs: '.zip' }

/** Exports a checkpoint as one file that the lab's server gives to a browser. Throws UserError as exportCheckpoint does. */
export async function exportForBrowser(
  home: string,
  path: string,
  format: ExportFormat
): Promise<EngineResult<'exportCheckpoint'>> {
  const folder = exportsFolder(home)
  await mkdir(folder, { recursive: true })
  return exportCheckpoint({ path, out: join(folder, `${randomUUID()}${endings[format]}`), format })
}
