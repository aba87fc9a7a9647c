import { appendFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { EpochRecord } from '../../../src-shared/reports.ts'
import type { RunConfig } from '../../../src-shared/run-config.ts'
import { createLibrary, type Library } from '../../../src-main/engine/library/library.ts'
import { initialWeights } from '../../../src-main/engine/model/initialize.ts'
import { createRoots } from '../../../src-main/engine/roots.ts'
import { networkOf, runSchemaVersion, type Manifest } from '../../../src-main/engine/runs/manifest.ts'
import { createRun, writeCheckpoint } from '../../../src-main/engine/runs/run-folder.ts'
import { smallConfig, temporaryFolder } from '../training/small-run.ts'

/** A library in a home of its own, and the sentences that it warned with. */
export function openLibrary(options: { home?: string; roots?: string[] | null; samples?: string } = {}): {
  home: string
  library: Library
  warnings: string[]
} {
  const { home = temporaryFolder(), roots = null, ...rest } = options
  const warnings: string[] = []
  const library = createLibrary({
    home,
    roots: createRoots({ home, roots }),
    warn: (sentence) => warnings.push(sentence),
    ...rest
  })
  return { home, library, warnings }
}

type RunOptions = {
  config?: Partial<RunConfig>
  /** Epochs whose test is recorded; the checkpoint is of the last one, and `stepsSince` steps further. */
  epochsDone?: number
  stepsSince?: number
  hasCheckpoint?: boolean
}

/** Accuracy of the first exit after an epoch; each further exit has a point more. */
export const accuracyAfter = (epoch: number): number => 0.5 + 0.1 * epoch

/** Writes a run as training leaves it, with untrained weights. */
export async function writeRun(folder: string, options: RunOptions = {}): Promise<Manifest> {
  const { config: changes = {}, epochsDone = 2, stepsSince = 0, hasCheckpoint = true } = options
  const config = smallConfig(changes)
  const manifest: Manifest = {
    schemaVersion: runSchemaVersion,
    config,
    data: {
      name: config.data.name,
      hash: 'd'.repeat(64),
      classes: Array.from({ length: 10 }, (_, label) => `class ${label}`),
      channels: 1,
      size: 32,
      mean: [0.3],
      deviation: [0.3]
    },
    software: { autodidact: '0.0.0' },
    backend: { name: 'native', device: 'none', version: '0' },
    createdAt: new Date().toISOString()
  }
  await createRun(folder, manifest)
  if (hasCheckpoint) await writeMoment(folder, manifest, epochsDone, stepsSince)
  return manifest
}

/** Goes on with a run: its history up to an epoch, and the checkpoint of that moment. */
export async function writeMoment(
  folder: string,
  manifest: Manifest,
  epochsDone: number,
  stepsSince = 0
): Promise<void> {
  const network = networkOf(manifest)
  const lines = Array.from({ length: epochsDone }, (_, index) =>
    JSON.stringify({ epoch: epochRecord(index + 1, network.exits.length) })
  )
  await mkdir(folder, { recursive: true })
  appendFileSync(join(folder, 'history.jsonl'), lines.map((line) => `${line}\n`).join(''))
  const step = epochsDone * 3 + stepsSince
  await writeCheckpoint(folder, {
    weights: initialWeights(network, manifest.config.seed + step),
    velocity: new Map(),
    progress: { step, epochsDone, random: { seed: manifest.config.seed, epoch: epochsDone, step: stepsSince } }
  })
}

/** A record as the trainer writes it. */
export function epochRecord(epoch: number, exits = 4): EpochRecord {
  const accuracy = Array.from({ length: exits }, (_, index) => accuracyAfter(epoch) + index / 100)
  const zeros = accuracy.map(() => 0)
  return {
    epoch,
    learningRate: 0.05,
    total: 1,
    crossEntropy: zeros,
    kl: [],
    hint: [],
    trainAccuracy: zeros,
    gradientMagnitude: [],
    imagesPerSecond: 100,
    test: { accuracy, loss: zeros, ensembleAccuracy: accuracyAfter(epoch) + 0.05, ensembleLoss: 0 }
  }
}

/** The item of that name; fails the test where there is none. */
export async function itemNamed(library: Library, name: string) {
  const item = (await library.list()).find((one) => one.name === name)
  if (!item) throw new Error(`no item ${name}`)
  return item
}
