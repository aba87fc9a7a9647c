// A program of its own, built to out/umap-worker.js: makes one map on a thread of its own. `workerData` is a UmapTask; it
// posts numbers, the share that is done, and at the end the coordinates.
import { parentPort, workerData } from 'node:worker_threads'
import { mapByUmap, type UmapTask } from './umap.ts'

const pauseMs = 100

const steps = mapByUmap(workerData as UmapTask)
let told = performance.now()
for (let step = steps.next(); ; step = steps.next()) {
  if (step.done) {
    parentPort!.postMessage(step.value, [step.value.buffer])
    break
  }
  if (performance.now() - told < pauseMs) continue
  told = performance.now()
  parentPort!.postMessage(step.value)
}
