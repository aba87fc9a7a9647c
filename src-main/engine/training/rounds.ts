import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createRandom } from '../../../src-shared/science/random.ts'
import { roundsOf } from '../../../src-shared/run-config.ts'
import { explainWriteError } from '../../file-errors.ts'
import { originKey, originOf } from '../checkpoint/origin.ts'
import { encodeSafetensors, readSafetensors } from '../checkpoint/safetensors/safetensors-file.ts'
import { toFileTensors, toWeights } from '../checkpoint/safetensors/weights-file.ts'
import { freshWeights } from '../model/initialize.ts'
import type { Network } from '../model/layer.ts'
import { tensorSpecs } from '../model/tensor-specs.ts'
import type { Weights } from '../model/weights.ts'
import { writeAtomically } from '../runs/atomic-write.ts'
import type { Manifest } from '../runs/manifest.ts'
import { roundPath, type RunProgress } from '../runs/run-folder.ts'
import type { LoadedTeacher } from './teacher.ts'

/** The round, 0-based, that follows on so many epochs. */
export const roundAt = ({ config }: Pick<Manifest, 'config'>, epochsDone: number): number =>
  Math.min(roundsOf(config) - 1, Math.floor(epochsDone / config.epochs))

/** The network whose outputs the round in which a run stands learns from; null in the first, and at a round's start. */
export async function readRoundBefore(
  folder: string,
  manifest: Manifest,
  network: Network,
  { epochsDone, random }: RunProgress
): Promise<LoadedTeacher | null> {
  const round = roundAt(manifest, epochsDone)
  // A run that stands where a round ended holds that round's network itself.
  const isAtEnd = epochsDone % manifest.config.epochs === 0 && random.step === 0
  if (round === 0 || isAtEnd) return null
  const weights = toWeights((await readSafetensors(roundPath(folder, round))).tensors)
  return asTeacher(network, manifest, weights)
}

/** Keeps the network that a round ended with, as a file of its own, and gives what the next one begins with. */
export async function beginRound(
  folder: string,
  manifest: Manifest,
  network: Network,
  round: number,
  finished: Weights
): Promise<{ teacher: LoadedTeacher; fresh: Weights }> {
  const metadata = new Map([
    ['format', 'pt'],
    [originKey, JSON.stringify(originOf(manifest))]
  ])
  await mkdir(dirname(roundPath(folder, round)), { recursive: true }).catch((error: unknown) => {
    throw explainWriteError(error, folder)
  })
  await writeAtomically(roundPath(folder, round), encodeSafetensors(toFileTensors(finished), metadata))
  const seed = createRandom(manifest.config.seed, 'round', round).integer(2 ** 32)
  return { teacher: asTeacher(network, manifest, finished), fresh: freshWeights(tensorSpecs(network), seed) }
}

const asTeacher = (network: Network, { data }: Manifest, weights: Weights): LoadedTeacher => ({
  network,
  weights,
  hash: '',
  classes: null,
  preprocessing: data,
  ofStudent: data
})
