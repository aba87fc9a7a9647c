// Evaluation: logits of every exit read back, accuracy of each.
import { openNetwork } from '../../../src-main/engine/checkpoint/checkpoint.ts'
import { createRunner } from '../../../src-main/engine/evaluation/run-network.ts'
import { toState } from '../../../src-main/engine/model/weights.ts'
import { accuracy } from '../../../src-shared/science/softmax.ts'
import { images, imageShape, labels } from './made-up.ts'
import { meanAbs, open, report, settings, sum, timed, watch } from './side.ts'

const backend = await open()
const { network, weights } = await openNetwork(settings.weights)
const state = toState(backend.tf, network, weights)
const { images: count, batch, repetitions } = settings
const [pixels, targets] = [images(count), labels(count)]
const size = imageShape[0] * imageShape[1] * imageShape[2]
const source = (length: number) => ({
  count: length,
  shape: imageShape,
  batch: (from: number, to: number) => pixels.slice(from * size, to * size)
})
const runner = createRunner(backend, network, { wantsFeatures: false })
const evaluate = async (length: number) => {
  const exits = await runner.run(state, source(length))
  return { exits, accuracies: exits.map(({ logits }) => accuracy(logits, targets.subarray(0, length))) }
}
const first = await timed(() => evaluate(batch))
watch()
const ms: number[] = []
let check: number[] = []
for (let index = 0; index < repetitions; index++) {
  const { ms: taken, value } = await timed(() => evaluate(count))
  ms.push(taken)
  check = [...value.exits.map(({ logits }) => meanAbs(logits.data)), sum(value.accuracies) + 1]
}
report(backend, ms, check, { firstMs: first.ms })
runner.dispose()
