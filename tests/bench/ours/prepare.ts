// Writes what every side of a benchmark starts from: the weights' file and the data set.
import { mkdirSync, writeFileSync } from 'node:fs'
import { encodeSafetensors } from '../../../src-main/engine/checkpoint/safetensors/safetensors-file.ts'
import { toFileTensors } from '../../../src-main/engine/checkpoint/safetensors/weights-file.ts'
import { initialWeights } from '../../../src-main/engine/model/initialize.ts'
import { writeDataset } from './made-up.ts'
import { networkOf, settings } from './side.ts'

const { width, weights, dataset, images } = settings
writeFileSync(weights, encodeSafetensors(toFileTensors(initialWeights(networkOf(width), 0))))
if (images) {
  mkdirSync(dataset, { recursive: true })
  writeDataset(dataset, images)
}
