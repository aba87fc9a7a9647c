// Trains for thousands of steps and watches: neither may the steps per second fall, nor the memory grow.
import { open, othersCores, ownSeconds, settings, watch } from './side.ts'
import { startTraining } from './start-training.ts'

const windows = 10
const steps = Math.ceil(settings.repetitions / windows)
const backend = await open()
const { stepper, step, losses } = await startTraining(backend)
for (let index = 0; index < settings.warmup; index++) await step()
const megabytes = () => process.memoryUsage().rss / 1e6
const tensors = backend.tensorCount()
/** Milliseconds of processor time a step: other programs change it less than the steps per second. */
const costs: number[] = []
// After the first window, when every pool of memory has filled.
let atStart = megabytes()
for (let window = 0; window < windows; window++) {
  const [started, before] = [performance.now(), ownSeconds()]
  watch()
  for (let index = 0; index < steps; index++) await step()
  const rate = (steps * 1000) / (performance.now() - started)
  costs.push(((ownSeconds() - before) * 1000) / steps)
  if (window === 0) atStart = megabytes()
  console.log(
    `steps ${window * steps + 1} to ${(window + 1) * steps}: ${rate.toFixed(2)} a second, ` +
      `${costs.at(-1)!.toFixed(0)} ms of processor time each, ${megabytes().toFixed(0)} MB` +
      ` (others kept ${(othersCores() ?? 0).toFixed(1)} cores busy)`
  )
}
const atEnd = megabytes()
const early = Math.min(...costs.slice(0, 3))
const late = Math.min(...costs.slice(-3))
const more = backend.tensorCount() - tensors
console.log(
  `processor time a step, the best of the first and last three windows: ${early.toFixed(1)}, ${late.toFixed(1)} ms`
)
console.log(`memory after the first and last window: ${atStart.toFixed(0)}, ${atEnd.toFixed(0)} MB; tensors: +${more}`)
console.log(`last loss ${losses.at(-1)}`)
stepper.dispose()
const verdicts = [
  [late > 1.25 * early, 'The steps became slower.'],
  [atEnd > 1.1 * atStart + 20, 'The memory grew.'],
  [more > 0, 'Tensors were left behind.']
] as const
for (const [isWrong, sentence] of verdicts)
  if (isWrong) {
    console.log(sentence)
    process.exitCode = 1
  }
