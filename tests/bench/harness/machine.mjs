import { cpus, totalmem } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** The processor and the memory in one phrase. */
export function describeMachine() {
  const cores = cpus()
  const model = cores[0]?.model.trim() ?? 'unknown processor'
  return `${model}, ${cores.length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB of memory`
}

/** Cores of other programs from which on a measurement counts as disturbed. */
export const disturbedCores = 0.25

/** Milliseconds that the processors have worked, all programs together. */
const busyMs = () => cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0)

/** Waits until the machine has been quiet for two seconds, `seconds` at most. */
export async function waitForQuiet(seconds) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
    const [before, started] = [busyMs(), performance.now()]
    await sleep(2000)
    if ((busyMs() - before) / (performance.now() - started) < disturbedCores) return
  }
}
