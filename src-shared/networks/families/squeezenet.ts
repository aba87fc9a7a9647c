import type { BlockSpec } from '../network-spec.ts'
import { scaled, type Family } from './family.ts'

/** Squeeze and expand channels of the eight Fire modules, by the places of torchvision's `features`. */
const fires: [place: number, squeeze: number, expand: number][][] = [
  [
    [3, 16, 64],
    [4, 16, 64]
  ],
  [
    [6, 32, 128],
    [7, 32, 128]
  ],
  [
    [9, 48, 192],
    [10, 48, 192],
    [11, 64, 256],
    [12, 64, 256]
  ]
]

/**
 * SqueezeNet 1.1 (Iandola et al. 2016), `squeezenet`, with torchvision's names; a stage ends before each pool. As published
 * it has no BatchNorm and wants low learning rates; `squeezenet-bn` has it, as public code for CIFAR does.
 */
export const squeezenet: Family = {
  pattern: /^squeezenet(-bn)?$/,
  paperWidth: () => 64,
  build([, norm], { width, form }) {
    const at = (channels: number) => scaled(channels, width, 64)
    const pool: BlockSpec = { block: 'max-pool', kernel: 3, stride: 2, ceil: true }
    const convolution: BlockSpec = {
      block: 'convolution',
      name: 'features.0',
      channels: at(64),
      ...(norm ? {} : { bias: true, norm: false }),
      ...(form === 'imagenet' ? { stride: 2, padding: 0 } : {})
    }
    const stages = fires.map((list, stage): BlockSpec[] => [
      ...(stage > 0 ? [pool] : []),
      ...list.map(([place, squeeze, expand]): BlockSpec => ({
        block: 'fire',
        name: `features.${place}`,
        squeeze: at(squeeze),
        expand1x1: at(expand),
        expand3x3: at(expand),
        ...(norm ? { norm: true } : {})
      }))
    ])
    const stem = form === 'imagenet' ? [convolution, pool] : [convolution]
    const title = norm ? 'SqueezeNet 1.1 with BatchNorm' : 'SqueezeNet 1.1'
    return { family: 'SqueezeNet', depth: 0, title, spec: { name: title, stem, stages } }
  }
}
