import { UserError } from '../../../src-shared/errors.ts'
import type { ProbeReport, Subject } from '../../../src-shared/reports.ts'
import { roundsOf } from '../../../src-shared/run-config.ts'
import { describeCheckpoint, openNetwork } from '../checkpoint/checkpoint.ts'
import { findCurves } from '../curves/find-curves.ts'
import { entryOf } from '../evaluation/subject.ts'
import { readHistory } from '../runs/history.ts'
import { isRun, readManifest } from '../runs/run-folder.ts'
import { startProvenance, type Probe } from './probe.ts'

type Entry = ProbeReport<'history'>['checkpoints'][number]

/**
 * Everything that runs recorded while they trained, and of other checkpoints the curves that lie beside them, or a sentence
 * on where they were looked for. Throws UserError for a run without a step.
 */
export const probeHistory: Probe<'history'> = async (backend, request) => {
  const complete = startProvenance(backend, 0)
  const checkpoints: Entry[] = []
  for (const subject of request.checkpoints)
    checkpoints.push(await ((await isRun(subject.path)) ? readRecords(subject) : readCurves(subject)))
  return { kind: 'history', request, provenance: complete(null), checkpoints }
}

async function readRecords(subject: Subject): Promise<Entry> {
  const checkpoint = await openNetwork(subject.path)
  const { steps, epochs } = await readHistory(subject.path)
  if (!steps.length) throw new UserError(`The run ${subject.path} has not recorded any step yet.`)
  const { config } = await readManifest(subject.path)
  return {
    ...entryOf(subject, checkpoint),
    method: config.method,
    exits: checkpoint.network.exits.map(({ exit }) => exit),
    weights: config.distillation,
    ...(roundsOf(config) > 1 ? { epochsPerRound: config.epochs } : {}),
    steps,
    epochs
  }
}

const unknownWeights = { alpha: NaN, lambda: NaN, temperature: NaN }

async function readCurves(subject: Subject): Promise<Entry> {
  const checkpoint = await describeCheckpoint(subject.path)
  const { network, outputs, origin, file } = checkpoint
  return {
    ...entryOf(subject, checkpoint),
    method: origin?.method ?? 'unknown',
    exits: network?.exits.map(({ exit }) => exit) ?? outputs?.exits ?? [],
    weights: origin?.distillation ?? unknownWeights,
    steps: [],
    epochs: [],
    ...(await findCurves(file))
  }
}
