import { basename } from 'node:path'
import { withoutEnding } from '../../../src-shared/checkpoint-endings.ts'
import { isTraining, type Job, type JobSpec } from '../../../src-shared/jobs.ts'
import type { ProbeKind, Subject } from '../../../src-shared/reports.ts'

/** `training` jobs may take hours; `measuring` ones need not wait for them. */
export const laneNames = ['training', 'measuring'] as const
export type LaneName = (typeof laneNames)[number]

/** Where a job runs. */
export const laneOf = (spec: JobSpec): LaneName => (isTraining({ spec }) ? 'training' : 'measuring')

const probeNames: { [K in ProbeKind]: string } = {
  embedding: 'Embedding',
  discriminativeness: 'Class separation',
  flatness: 'Flatness',
  gradients: 'Gradients',
  history: 'History'
}

/** A job's title for people. */
export function titleOf(spec: JobSpec): string {
  switch (spec.kind) {
    case 'train':
      return `Train ${spec.name}`
    case 'resume':
      return `Go on training ${nameOf({ path: spec.run })}`
    case 'evaluate':
      return `Accuracy of ${nameOf(spec)}`
    case 'preprocessing':
      return `Preprocessing of ${nameOf(spec)}`
    case 'probe': {
      const { checkpoints } = spec.request
      const of = checkpoints.length === 1 ? nameOf(checkpoints[0]!) : `${checkpoints.length} checkpoints`
      return `${probeNames[spec.probe]} of ${of}`
    }
  }
}

const nameOf = ({ path, name }: Subject): string => name ?? withoutEnding(basename(path))

/** Why a job that is no training can't be paused. */
export const refusePause = ({ spec }: Job): string =>
  `${spec.kind === 'evaluate' ? 'An evaluation' : spec.kind === 'preprocessing' ? 'A check' : 'A probe'} can't be paused; cancel it and run it again.`
