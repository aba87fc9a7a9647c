import { UsageError, UserError } from '../../../src-shared/errors.ts'
import { roundsOf } from '../../../src-shared/run-config.ts'
import { openNetwork } from '../checkpoint/checkpoint.ts'
import { entryOf } from '../evaluation/subject.ts'
import { readHistory } from '../runs/history.ts'
import { readManifest } from '../runs/run-folder.ts'
import { startProvenance, type Probe } from './probe.ts'

/** Everything that runs recorded while they trained. Throws UsageError for a checkpoint that is not a run. */
export const probeHistory: Probe<'history'> = async (backend, request) => {
  const complete = startProvenance(backend, 0)
  const checkpoints = []
  for (const subject of request.checkpoints) {
    const checkpoint = await openNetwork(subject.path)
    const { origin, format } = checkpoint
    if (format !== 'run' || !origin)
      throw new UsageError(`${subject.path} is not the folder of a run, so it has no history.`)
    const { steps, epochs } = await readHistory(subject.path)
    if (!steps.length) throw new UserError(`The run ${subject.path} has not recorded any step yet.`)
    const weights = origin.distillation
    const exits = checkpoint.network.exits.map(({ exit }) => exit)
    const { config } = await readManifest(subject.path)
    const rounds = roundsOf(config) > 1 ? { epochsPerRound: config.epochs } : {}
    checkpoints.push({
      ...entryOf(subject, checkpoint),
      method: origin.method,
      exits,
      weights,
      ...rounds,
      steps,
      epochs
    })
  }
  return { kind: 'history', request, provenance: complete(null), checkpoints }
}
