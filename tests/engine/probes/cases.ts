import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openNetwork, type NetworkCheckpoint } from '../../../src-main/engine/checkpoint/checkpoint.ts'
import { encodeSafetensors } from '../../../src-main/engine/checkpoint/safetensors/safetensors-file.ts'
import { toFileTensors } from '../../../src-main/engine/checkpoint/safetensors/weights-file.ts'
import { weightedLayers } from '../../../src-main/engine/model/layer.ts'
import type { DataSelection } from '../../../src-shared/reports.ts'
import { createRandom } from '../../../src-shared/science/random.ts'
import { readGolden } from '../golden/golden.ts'

/** The golden ResNet18's weights file and its 20 images as a selection. */
export function goldenCase(): { weights: string; data: DataSelection } {
  const { golden, weights, images } = readGolden('bottleneck-resnet18-w8')
  return { weights, data: { kind: 'arrays', imagesPath: images, shape: golden.imagesShape, labels: golden.labels } }
}

/**
 * The same function with other filter norms: every convolution before a BatchNorm is multiplied by a random factor per
 * filter, and the BatchNorm undoes it. Gives the new file's path.
 */
export async function writeRescaledTwin(weights: string, folder: string, seed: number): Promise<string> {
  const checkpoint = await openNetwork(weights)
  const random = createRandom(seed, 'rescale')
  for (const { convolution, norm } of pairsOf(checkpoint)) rescale(checkpoint, convolution, norm, random.uniform)
  const path = join(folder, 'twin.safetensors')
  writeFileSync(path, encodeSafetensors(toFileTensors(checkpoint.weights)))
  return path
}

function pairsOf({ network }: NetworkCheckpoint): { convolution: string; norm: string }[] {
  const layers = [...network.stem, ...network.stages.flat(), ...network.exits.flatMap(({ head }) => head)]
  const weighted = [...weightedLayers(layers)]
  return weighted.flatMap((layer, index) => {
    const next = weighted[index + 1]
    const isPair = layer.kind === 'convolution' && next?.kind === 'batchNorm'
    return isPair ? [{ convolution: layer.name, norm: next.name }] : []
  })
}

function rescale({ weights }: NetworkCheckpoint, convolution: string, norm: string, uniform: () => number): void {
  const epsilon = 1e-5
  const data = (name: string) => weights.get(name)?.data
  const filters = data(`${convolution}.weight`)!
  const gamma = data(`${norm}.weight`)!
  const mean = data(`${norm}.running_mean`)!
  const variance = data(`${norm}.running_var`)!
  const bias = data(`${convolution}.bias`)
  const perFilter = filters.length / gamma.length
  for (let filter = 0; filter < gamma.length; filter++) {
    const factor = 2 ** (4 * uniform() - 2)
    for (let at = 0; at < perFilter; at++) filters[filter * perFilter + at]! *= factor
    if (bias) bias[filter]! *= factor
    const before = Math.sqrt(variance[filter]! + epsilon)
    mean[filter]! *= factor
    variance[filter]! *= factor ** 2
    gamma[filter]! *= Math.sqrt(variance[filter]! + epsilon) / (factor * before)
  }
}
