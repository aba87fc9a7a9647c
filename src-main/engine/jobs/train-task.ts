import type { JobProgress } from '../../../src-shared/jobs.ts'
import type { Progress } from '../../../src-shared/reports.ts'
import type { Backend } from '../backend/backend.ts'
import { isRun } from '../runs/run-folder.ts'
import { train } from '../training/train.ts'
import type { TrainingListener } from '../training/training.ts'
import type { News, Outcome, Task } from './job-calls.ts'
import { LiveRecorder, liveHeader } from './live-recorder.ts'
import { Pace } from './pace.ts'

/** How often a training tells how far it is and what it has recorded, at most. */
const newsMs = 1000

export type Tell = (news: News) => void

/** Whether a run's live history is wanted; `onTurnedOn` tells all of it. */
export class FollowSwitch {
  onTurnedOn: () => void = () => undefined
  constructor(public isOn: boolean) {}

  set(isOn: boolean): void {
    this.isOn = isOn
    if (isOn) this.onTurnedOn()
  }
}

/** Trains the run of a task to its end. Throws CancelledError, with a checkpoint kept, when the signal is aborted. */
export async function trainTask(
  backend: Backend,
  { spec, run, lockPatienceMs }: Task & { run: string },
  tell: Tell,
  signal: AbortSignal,
  follow: FollowSwitch
): Promise<Outcome> {
  let recorder: LiveRecorder | null = null
  let progress: JobProgress | null = null
  const pace = new Pace(newsMs, () => {
    const live = recorder?.take()
    tell({ ...(progress ? { progress } : {}), ...(live && follow.isOn ? { live } : {}) })
    progress = null
  })
  follow.onTurnedOn = () => {
    if (recorder && follow.isOn) tell({ live: recorder.all() })
  }
  const listener: TrainingListener = {
    onStart({ folder, manifest, data, history }) {
      recorder = new LiveRecorder(liveHeader(folder, manifest, data.stepsPerEpoch), history)
      follow.onTurnedOn()
    },
    // The step's progress comes next, and takes it along.
    onStep: (record) => recorder?.addStep(record),
    onEpoch(record) {
      recorder?.addEpoch(record)
      pace.ask()
    }
  }
  const onProgress = ({ fraction, secondsLeft, message = '' }: Progress) => {
    progress = { fraction, secondsLeft, message }
    pace.ask()
  }
  try {
    // A job that was cut off before its run was made starts anew.
    const config = spec.kind === 'train' && !(await isRun(run)) ? spec.config : null
    await train(backend, { out: run, config }, { onProgress, signal, lockPatienceMs, listener })
    return { kind: 'trained' }
  } finally {
    pace.end()
  }
}
