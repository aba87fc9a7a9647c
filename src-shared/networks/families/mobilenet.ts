import type { BlockSpec } from '../network-spec.ts'
import { scaled, type Family } from './family.ts'

/** Channels of the thirteen blocks (Howard et al. 2017, table 1), cut where a stride of 2 begins a stage. */
const blocks = [
  [128, 128],
  [256, 256],
  [512, 512, 512, 512, 512, 512],
  [1024, 1024]
]

/** MobileNet v1, `mobilenet`; its width multiplier is the width over 32. The stem ends with the first block. */
export const mobilenet: Family = {
  pattern: /^mobilenet$/,
  paperWidth: () => 32,
  build(_, { width, form }) {
    const at = (channels: number) => scaled(channels, width, 32)
    const stem: BlockSpec[] = [
      { block: 'convolution', name: 'conv1', normName: 'bn1', channels: at(32), stride: form === 'imagenet' ? 2 : 1 },
      { block: 'separable', channels: at(64) }
    ]
    const stages = blocks.map((list): BlockSpec[] =>
      list.map((channels, index) => ({ block: 'separable', channels: at(channels), stride: index === 0 ? 2 : 1 }))
    )
    return { family: 'MobileNet', depth: 0, title: 'MobileNet', spec: { name: 'MobileNet', stem, stages } }
  }
}
