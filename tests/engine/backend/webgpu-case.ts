import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { encodeSafetensors } from '../../../src-main/engine/checkpoint/safetensors/safetensors-file.ts'
import { toFileTensors } from '../../../src-main/engine/checkpoint/safetensors/weights-file.ts'
import { resnet } from '../../helpers/networks.ts'
import { initialWeights } from '../../../src-main/engine/model/initialize.ts'
import type { DataSelection } from '../../../src-shared/reports.ts'
import { createRandom, normals } from '../../../src-shared/science/random.ts'
import { encodeIdx, idxNames } from '../data/idx-fixtures.ts'
import { readGolden } from '../golden/golden.ts'

/** A case that a slow device computes in seconds: files in a folder of their own. */
export type SmallCase = {
  weights: string
  data: DataSelection
  /** Folder of a data set to train on. */
  dataset: string
  /** The PyTorch reference's ResNet18 with the first of its images. */
  golden: { weights: string; data: DataSelection }
}

/** Images of the PyTorch reference that are computed here: it has more than a slow device has time for. */
export const goldenCount = 2

const classes = 4
const count = 8
/** Height and width of the checkpoint's images; the training's are a data set's. */
const side = 8
const seed = 1

/** Writes a narrow ResNet18 of four exits, images for it, and a data set to train on. */
export function writeSmallCase(folder: string): SmallCase {
  const weights = join(folder, 'weights.safetensors')
  const network = resnet({ depth: 18, width: 2, classes, inputChannels: 1, exits: 'all' })
  writeFileSync(weights, encodeSafetensors(toFileTensors(initialWeights(network, seed))))
  const imagesPath = join(folder, 'images.f32')
  writeFileSync(imagesPath, Float32Array.from(normals(count * side * side, seed, 'images')))
  const labels = Array.from({ length: count }, (_, index) => index % classes)
  const dataset = join(folder, 'dataset')
  writeDataset(dataset)
  const data: DataSelection = { kind: 'arrays', imagesPath, shape: [count, side, side, 1], labels }
  return { weights, data, dataset, golden: writeFirstGolden(folder) }
}

function writeFirstGolden(folder: string): SmallCase['golden'] {
  const { golden, weights, pixels } = readGolden('bottleneck-resnet18-w8')
  const [all, ...shape] = golden.imagesShape
  const imagesPath = join(folder, 'golden.f32')
  writeFileSync(imagesPath, pixels.slice(0, (pixels.length / all) * goldenCount))
  const labels = golden.labels.slice(0, goldenCount)
  return { weights, data: { kind: 'arrays', imagesPath, shape: [goldenCount, ...shape], labels } }
}

/** Noise over a bright corner, which tells the class. */
function writeDataset(folder: string): void {
  mkdirSync(folder)
  const [height, width] = [28, 28]
  const write = (images: string, labels: string, size: number) => {
    const random = createRandom(seed, images)
    const pixels = Array.from({ length: size * height * width }, (_, at) => {
      const [index, row, column] = [Math.floor(at / (height * width)), Math.floor(at / width) % height, at % width]
      const corner = (row < height / 2 ? 0 : 2) + (column < width / 2 ? 0 : 1)
      return random.integer(100) + (corner === index % classes ? 150 : 0)
    })
    writeFileSync(join(folder, images), gzipSync(encodeIdx([size, height, width], pixels)))
    const numbers = Array.from({ length: size }, (_, index) => index % classes)
    writeFileSync(join(folder, labels), gzipSync(encodeIdx([size], numbers)))
  }
  write(idxNames.trainImages, idxNames.trainLabels, 16)
  write(idxNames.testImages, idxNames.testLabels, 4)
}
