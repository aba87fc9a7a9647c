// The gradients probe as a user runs it: the total loss and each of its terms, differentiated one by one.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runProbe } from '../../../src-main/engine/probes/run-probe.ts'
import { images, imageShape, labels } from './made-up.ts'
import { objective, open, report, settings, timed, watch } from './side.ts'

const backend = await open()
const { images: count, weights, folder, repetitions } = settings
const imagesPath = join(folder, 'images.f32')
writeFileSync(imagesPath, new Uint8Array(images(count).buffer))
const measure = () =>
  runProbe(backend, 'gradients', {
    checkpoints: [{ path: weights }],
    data: { kind: 'arrays', imagesPath, shape: [count, ...imageShape], labels: [...labels(count)] },
    seed: 0,
    method: 'self-distillation',
    ...objective.distillation,
    batchSize: null
  })
const first = await timed(measure)
watch()
const ms: number[] = []
for (let index = 0; index < repetitions; index++) ms.push((await timed(measure)).ms)
const { losses, layers } = first.value.checkpoints[0]!
const check = [losses.total, ...losses.crossEntropy, ...losses.kl, ...losses.hint, layers[0]!.meanAbs]
report(backend, ms, check, { firstMs: first.ms })
