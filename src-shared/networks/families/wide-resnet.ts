import type { BlockSpec } from '../network-spec.ts'
import { residualStem, type Family } from './family.ts'

/** Channels of the stem, and of the first stage at widening 1. */
const base = 16

/**
 * Wide residual networks (Zagoruyko and Komodakis 2016), for instance `wrn28-12`: floor((depth - 2) / 6) blocks in each of
 * three stages, so both 6n + 2 and 6n + 4 are depths; the second number is the paper's widening, 16 channels each.
 */
export const wideResnet: Family = {
  pattern: /^wrn(\d{1,3})-(\d{1,2})$/,
  paperWidth: ([, , widening]) => base * Number(widening),
  problem: ([, depth, widening]) => {
    if (Number(widening) < 1) return 'needs a widening of at least 1'
    const over = (Number(depth) - 2) % 6
    return Number(depth) >= 8 && (over === 0 || over === 2)
      ? null
      : 'needs a depth of 6n + 2 or 6n + 4: take 20, 28, 40 or 44'
  },
  build([, depthText, widening], { width, form }) {
    const depth = Number(depthText)
    const repeat = Math.floor((depth - 2) / 6)
    const stages = [0, 1, 2].map((stage): BlockSpec[] => [
      { block: 'preactivation', channels: width << stage, stride: stage > 0 ? 2 : 1, repeat }
    ])
    stages[2]!.push({ block: 'normalization', name: 'bn' })
    const title = `WRN${depth}-${widening}`
    const stem = residualStem(Math.min(base, width), form).map((block) =>
      // What follows begins with BatchNorm and ReLU.
      block.block === 'convolution' ? { ...block, norm: false, relu: false } : block
    )
    return { family: 'Wide ResNet', depth, title, spec: { name: title, stem, stages } }
  }
}
