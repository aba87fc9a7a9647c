import type { LiveHistory } from '../../../src-shared/jobs.ts'
import { thinSteps } from '../../../src-shared/live-history.ts'
import { loadDataset } from '../data/dataset.ts'
import { readHistory, type History } from '../runs/history.ts'
import type { Manifest } from '../runs/manifest.ts'
import { readManifest } from '../runs/run-folder.ts'
import { prepareTrainingData } from '../training/training-data.ts'
import { liveHeader } from './live-recorder.ts'

/** All that a run has written down, for one who begins to follow it while it is not trained. Throws UserError. */
export async function readLive(run: string): Promise<LiveHistory> {
  const manifest = await readManifest(run)
  const history = await readHistory(run)
  const header = liveHeader(run, manifest, await stepsPerEpoch(manifest, history))
  return { isStart: true, header, steps: [...thinSteps(history.steps)], epochs: history.epochs }
}

/** Read off the first epoch; before its end, what the data set gives. */
async function stepsPerEpoch(manifest: Manifest, { steps, epochs }: History): Promise<number> {
  if (epochs.length > 0) return steps.filter(({ epoch }) => epoch === 1).length
  const dataset = await loadDataset(manifest.config.data.name)
  return prepareTrainingData(manifest.config, dataset, manifest.data).stepsPerEpoch
}
