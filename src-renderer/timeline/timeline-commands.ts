import type { App } from '../app.ts'
import type { Command } from '../commands.ts'
import { evaluateAllFrames, probesOfView, runForAllFrames } from './frame-jobs.ts'

/** What can be done with the timelines shown; nothing where there are none. */
export function timelineCommands(app: App): Command[] {
  const { session } = app
  if (!session.timeline) return []
  return [
    { id: 'frame-previous', title: 'Previous epoch', keys: ',', run: () => session.stepFrame(-1) },
    { id: 'frame-next', title: 'Next epoch', keys: '.', run: () => session.stepFrame(1) },
    ...(probesOfView(session.view).length > 0
      ? [{ id: 'run-all-frames', title: 'Run for all epochs', run: () => void runForAllFrames(app) }]
      : []),
    { id: 'evaluate-all-frames', title: 'Evaluate all epochs', run: () => void evaluateAllFrames(app) }
  ]
}
