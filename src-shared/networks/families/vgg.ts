import type { BlockSpec } from '../network-spec.ts'
import { scaled, type Family } from './family.ts'

/** Convolutions before each of the five pools (Simonyan and Zisserman 2015, table 1: D and E). */
const counts: Readonly<Record<number, readonly number[]>> = { 16: [2, 2, 3, 3, 3], 19: [2, 2, 4, 4, 4] }
const channels = [64, 128, 256, 512, 512]

/**
 * VGG with BatchNorm, `vgg16` and `vgg19`, with torchvision's names; its stages end with the pools 2 to 5. Pooling and
 * one linear layer stand for the three of the paper, as is usual on small images.
 */
export const vgg: Family = {
  pattern: /^vgg(16|19)$/,
  paperWidth: () => 64,
  build([, text], { width }) {
    const depth = Number(text)
    let place = 0
    const groups = counts[depth]!.map((count, group): BlockSpec[] => {
      const convolutions = Array.from({ length: count }, (): BlockSpec => {
        const block: BlockSpec = {
          block: 'convolution',
          name: `features.${place}`,
          normName: `features.${place + 1}`,
          channels: scaled(channels[group]!, width, 64),
          bias: true
        }
        place += 3
        return block
      })
      place += 1
      return [...convolutions, { block: 'max-pool' }]
    })
    const [first, second, ...others] = groups
    const title = `VGG${depth}`
    return { family: 'VGG', depth, title, spec: { name: title, stages: [[...first!, ...second!], ...others] } }
  }
}
