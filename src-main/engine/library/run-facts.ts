import { findCheckpoint, readManifest, readProgress } from '../runs/run-folder.ts'
import { totalEpochs } from '../../../src-shared/run-config.ts'
import { findEpoch } from '../runs/find-epoch.ts'
import { networkOf, type Manifest } from '../runs/manifest.ts'
import { isRunLocked } from '../runs/run-lock.ts'
import { describeImages } from './evaluations.ts'
import type { CountOf, Measured } from './measured.ts'

/** Where a run stands. */
export type RunFacts = {
  manifest: Manifest
  state: 'ready' | 'training' | 'paused' | 'empty'
  hasCheckpoint: boolean
  epochsDone: number
  /** The last whole epoch's test; null before the first. */
  measured: Measured | null
  /** False where the checkpoint has been trained on since. */
  isExact: boolean
}

type Standing = Pick<RunFacts, 'epochsDone' | 'measured' | 'isExact'>

/** By the run's beginning and the checkpoint's folder: within a run, one of a name never changes. */
const standings = new Map<string, Standing>()
const mostStandings = 1000

/** Reads where the run in `folder` stands. Throws UserError where its manifest or its progress is damaged. */
export async function readRunFacts(folder: string, countOf: CountOf): Promise<RunFacts> {
  // A run in training may replace its checkpoint while it is looked at.
  return readOnce(folder, countOf).catch(() => readOnce(folder, countOf))
}

async function readOnce(folder: string, countOf: CountOf): Promise<RunFacts> {
  const manifest = await readManifest(folder)
  const checkpoint = await findCheckpoint(folder)
  const standing = checkpoint === null ? null : await standingAt(folder, checkpoint, manifest, countOf)
  const isTraining = await isRunLocked(folder)
  const epochsDone = standing?.epochsDone ?? 0
  const rest = !standing ? 'empty' : epochsDone < totalEpochs(manifest.config) ? 'paused' : 'ready'
  return {
    manifest,
    state: isTraining ? 'training' : rest,
    hasCheckpoint: checkpoint !== null,
    epochsDone,
    measured: standing?.measured ?? null,
    isExact: standing?.isExact ?? false
  }
}

async function standingAt(folder: string, checkpoint: string, manifest: Manifest, countOf: CountOf): Promise<Standing> {
  const key = `${manifest.createdAt} ${checkpoint}`
  const known = standings.get(key)
  if (known) return known
  const { epochsDone, random } = await readProgress(checkpoint)
  const isExact = random.step === 0
  const record = epochsDone > 0 ? await findEpoch(folder, epochsDone) : null
  let measured: Measured | null = null
  if (record) {
    const { exits } = networkOf(manifest)
    const images = describeImages(`${manifest.data.name} test`, await countOf(manifest.config.data.name, 'test'))
    const pairs = exits.map(({ exit }, index): [number, number] => [exit, record.test.accuracy[index] ?? NaN])
    measured = {
      accuracies: new Map(pairs.filter(([, accuracy]) => Number.isFinite(accuracy))),
      ensemble: Number.isFinite(record.test.ensembleAccuracy) ? record.test.ensembleAccuracy : null,
      evaluatedOn: isExact ? images : `${images}, after epoch ${epochsDone}`
    }
  }
  const standing = { epochsDone, measured, isExact }
  standings.set(key, standing)
  for (const oldest of [...standings.keys()].slice(0, -mostStandings)) standings.delete(oldest)
  return standing
}
