import type { BlockSpec } from '../network-spec.ts'
import type { Family } from './family.ts'

/** A plain network for teaching, `cnn`: three stages of two 3x3 convolutions, halved by pooling in between. */
export const plainCnn: Family = {
  pattern: /^cnn$/,
  paperWidth: () => 32,
  build(_, { width }) {
    const stages = [0, 1, 2].map((stage): BlockSpec[] => [
      ...(stage > 0 ? [{ block: 'max-pool' } as const] : []),
      { block: 'convolution', channels: width << stage, repeat: 2 }
    ])
    return { family: 'CNN', depth: 0, title: 'CNN', spec: { name: 'CNN', stages } }
  }
}
