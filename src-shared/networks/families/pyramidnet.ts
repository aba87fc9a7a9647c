import type { BlockSpec } from '../network-spec.ts'
import { residualStem, type Family } from './family.ts'

/** Channels before the first block. */
const base = 16

/** Whether a depth is made of blocks with three convolutions, as those of 9n + 2 are here. */
const isBottleneck = (depth: number): boolean => (depth - 2) % 9 === 0

/** Rounded, halves to the even neighbour: the public code rounds with Python's `round`. */
const toEven = (value: number): number => (value % 2 === 0.5 ? Math.floor(value) : Math.round(value))

/**
 * Pyramidal residual networks (Han et al. 2017), for instance `pyramidnet101-240`: over all blocks the channels grow from
 * 16 by alpha, by equal amounts (equation 2), or with an `m` behind by equal factors (equation 3). At other widths both
 * scale.
 */
export const pyramidnet: Family = {
  pattern: /^pyramidnet(\d{2,3})-(\d{1,4})(m?)$/,
  paperWidth: () => base,
  problem: ([, depth, alpha]) => {
    if (Number(alpha) < 1) return 'needs an alpha of at least 1'
    const blocks = Number(depth) - 2
    return blocks > 0 && (blocks % 9 === 0 || blocks % 6 === 0)
      ? null
      : 'needs a depth of 9n + 2 or 6n + 2: take 101, 110, 164 or 200'
  },
  build([, depthText, alphaText, multiplied], { width, form }) {
    const [depth, alpha] = [Number(depthText), Number(alphaText)]
    const perStage = (depth - 2) / (isBottleneck(depth) ? 9 : 6)
    const blocks = 3 * perStage
    const wanted = (index: number): number =>
      multiplied
        ? width * ((base + alpha) / base) ** (index / blocks)
        : width + (((alpha * width) / base) * index) / blocks
    const stages = [0, 1, 2].map((stage): BlockSpec[] =>
      Array.from({ length: perStage }, (_, block) => {
        const planes = Math.max(1, toEven(wanted(stage * perStage + block + 1)))
        const stride = stage > 0 && block === 0 ? 2 : 1
        return isBottleneck(depth)
          ? { block: 'pyramid', channels: 4 * planes, inner: planes, stride }
          : { block: 'pyramid', channels: planes, stride }
      })
    )
    stages[2]!.push({ block: 'normalization', name: 'bn_final' })
    const title = `PyramidNet${depth}-${alpha}${multiplied}`
    const stem = residualStem(width, form).map((block) =>
      block.block === 'convolution' ? { ...block, relu: form === 'imagenet' } : block
    )
    return { family: 'PyramidNet', depth, title, spec: { name: title, stem, stages } }
  }
}
