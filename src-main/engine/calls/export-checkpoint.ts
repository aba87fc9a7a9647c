import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { EngineRequest, EngineResult, ExportFormat } from '../../../src-shared/contract.ts'
import { UsageError, UserError } from '../../../src-shared/errors.ts'
import { besidePath, readBeside, replaceBeside, type Beside } from '../checkpoint/beside.ts'
import { openCheckpoint, type Checkpoint } from '../checkpoint/checkpoint.ts'
import { originKey } from '../checkpoint/origin.ts'
import { encodePytorchInPieces } from '../checkpoint/pytorch/pytorch-encode.ts'
import { publicTensors } from '../checkpoint/recognition/public-names.ts'
import { encodeSafetensorsInPieces } from '../checkpoint/safetensors/safetensors-file.ts'
import { toFileTensors } from '../checkpoint/safetensors/weights-file.ts'
import { encodeTfjsInPieces } from '../checkpoint/tfjs/tfjs-encode.ts'
import { encodeZipInPieces } from '../checkpoint/zip/zip-encode.ts'
import type { Weights } from '../model/weights.ts'
import { writeAtomically, writeFolderAtomically } from '../runs/atomic-write.ts'
import { createTurns } from './turns.ts'

/** Side of images where nobody says, pixels. */
const usualSize = 32

/**
 * Writes a checkpoint's weights for others, and with them how images are prepared and what its classes are called: in the
 * metadata of safetensors where a run of the lab made it, else in a file beside. `out` is a file, a folder that exists, or
 * for tfjs a folder to be made, or a .zip of it. Throws UserError where there is nothing to write, or it can't be written.
 */
export async function exportCheckpoint({
  path,
  out,
  format: asked
}: EngineRequest<'exportCheckpoint'>): Promise<EngineResult<'exportCheckpoint'>> {
  const format = formatOf(out, asked)
  const checkpoint = await openCheckpoint(path)
  if (checkpoint.outputs) throw new UserError(`${path} ${checkpoint.misfit}`)
  const place = await placeFor(out, format, checkpoint.name)
  return format === 'tfjs' ? writeTfjs(checkpoint, place) : writeFile(checkpoint, place, format)
}

const endings: [RegExp, ExportFormat][] = [
  [/\.safetensors$/i, 'safetensors'],
  [/\.(pth|pt)$/i, 'pytorch'],
  [/\.zip$/i, 'tfjs']
]

const isZipName = (name: string): boolean => /\.zip$/i.test(name)

/** Throws UsageError where the name says one format and the person another. */
function formatOf(out: string, asked: ExportFormat | undefined): ExportFormat {
  const told = endings.find(([ending]) => ending.test(out))?.[1]
  if (asked && told && asked !== told)
    throw new UsageError(`${out} is a name for ${told}, not for ${asked}; choose another name or format.`)
  return asked ?? told ?? 'safetensors'
}

/** Where to write: of a folder that exists a file in it, for tfjs the folder itself while it is empty. */
async function placeFor(out: string, format: ExportFormat, name: string): Promise<string> {
  const entry = await stat(out).catch(() => null)
  if (format === 'tfjs') {
    if (isZipName(out) && !entry?.isDirectory()) return out
    const isFree = !entry || (entry.isDirectory() && (await readdir(out)).length === 0)
    if (isFree) return out
    throw new UserError(
      `${out} ${entry.isDirectory() ? 'is a folder that is not empty' : 'is a file'}; choose a new folder.`
    )
  }
  return entry?.isDirectory() ? join(out, `${basename(name)}.${format === 'pytorch' ? 'pth' : 'safetensors'}`) : out
}

async function writeFile(checkpoint: Checkpoint, file: string, format: 'safetensors' | 'pytorch') {
  const tensors = toFileTensors(publicWeights(checkpoint))
  if (format === 'safetensors' && tensors.has('__metadata__'))
    throw new UserError(
      `${checkpoint.path} has a tensor "__metadata__", a name that safetensors keeps for itself; export it as PyTorch instead.`
    )
  const pieces =
    format === 'pytorch' ? encodePytorchInPieces(tensors) : encodeSafetensorsInPieces(tensors, metadataOf(checkpoint))
  const bytes = await createTurns().finish(pieces)
  await writeAtomically(file, bytes)
  const said = await saidOf(checkpoint)
  await replaceBeside(file, format === 'safetensors' && isInOrigin(checkpoint) ? null : said)
  return { out: file, bytes: bytes.length }
}

/** As one file where the name ends so, else as a folder. */
async function writeTfjs(checkpoint: Checkpoint, place: string) {
  const { path, network, misfit, weights, preprocessing } = checkpoint
  if (!network) throw new UserError(`${path} ${misfit}`)
  const turns = createTurns()
  const files = await turns.finish(encodeTfjsInPieces(network, weights, preprocessing?.size ?? usualSize))
  const said = await saidOf(checkpoint)
  if (said) files.set(besidePath('model.json'), new TextEncoder().encode(`${JSON.stringify(said, null, 2)}\n`))
  if (isZipName(place)) {
    const bytes = await turns.finish(encodeZipInPieces([...files].map(([name, bytes]) => ({ name, bytes }))))
    await writeAtomically(place, bytes)
    return { out: place, bytes: bytes.length }
  }
  await writeFolderAtomically(place, Object.fromEntries(files))
  return { out: place, bytes: [...files.values()].reduce((sum, { length }) => sum + length, 0) }
}

/** The tensors that a strict load into the public class needs; those of a graph, or of no network known here, as they are. */
const publicWeights = ({ network, weights }: Checkpoint): Weights =>
  network && !network.graph ? publicTensors(network, weights) : weights

const metadataOf = ({ origin }: Checkpoint): Map<string, string> =>
  new Map([['format', 'pt'], ...(origin ? ([[originKey, JSON.stringify(origin)]] as const) : [])])

/** True where the origin says all that is known of images and classes: then no file beside is needed. */
const isInOrigin = ({ origin, preprocessing, classes }: Checkpoint): boolean =>
  JSON.stringify([origin?.preprocessing ?? null, origin?.classes ?? []]) === JSON.stringify([preprocessing, classes])

/** What is known of a checkpoint's images and classes, and what somebody said of its network; null where nothing is. */
async function saidOf({ file, preprocessing, classes }: Checkpoint): Promise<Beside | null> {
  const beside = await readBeside(file)
  if (!preprocessing && classes.length === 0 && !beside) return null
  const architecture = beside?.architecture ?? null
  return { schemaVersion: 1, preprocessing, classes: classes.length > 0 ? classes : null, architecture }
}
