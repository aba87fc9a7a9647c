import type { Member } from '../../../../src-shared/networks/families/family.ts'
import type { BlockSpec } from '../../../../src-shared/networks/network-spec.ts'

/** What a structure is called, and its width as its family counts it. */
export type Title = Omit<Member, 'spec'> & { width: number }

/** Channels of the stem in the papers. */
const paperStem = { resnext: 64, pyramid: 16, wide: 16 }

/** What stages of blocks are called; `stem` are the channels before them. null where they are of several kinds. */
export function titleOf(stages: readonly BlockSpec[][], stem: number): Title | null {
  const blocks = stages.flat()
  const [first] = blocks
  if (!first || blocks.some(({ block }) => block !== first.block)) return null
  const count = blocks.length
  switch (first.block) {
    case 'basic':
      return named('ResNet', 2 * count + 2, first.channels)
    case 'bottleneck':
      return bottleneckTitle(first, blocks.at(-1) as typeof first, 3 * count + 2, stem)
    case 'preactivation': {
      const widening = first.channels / paperStem.wide
      if (stages.length !== 3) return { ...named('PreActResNet', 2 * count + 2, first.channels), family: 'ResNet' }
      const title = `WRN${2 * count + 4}${Number.isInteger(widening) ? `-${widening}` : ''}`
      return { family: 'Wide ResNet', depth: 2 * count + 4, title, width: first.channels }
    }
    case 'pyramid': {
      const depth = (first.inner === undefined ? 2 : 3) * count + 2
      const last = blocks.at(-1) as typeof first
      const grown = (last.inner ?? last.channels) - stem
      const title = `PyramidNet${depth}-${Math.max(1, Math.round((grown * paperStem.pyramid) / stem))}`
      return { family: 'PyramidNet', depth, title, width: stem }
    }
    case 'separable':
      return { family: 'MobileNet', depth: 0, title: 'MobileNet', width: stem }
    default:
      return null
  }
}

const named = (family: string, depth: number, width: number): Title => {
  return { family, depth, title: `${family}${depth}`, width }
}

type Bottleneck = Extract<BlockSpec, { block: 'bottleneck' }>

function bottleneckTitle(first: Bottleneck, last: Bottleneck, depth: number, stem: number): Title {
  const { groups = 1, inner, channels } = first
  const width = Math.max(1, Math.round(channels / 4))
  if (groups > 1) {
    const planes = last.channels / 4
    // The paper counts a group's channels where the stem has 64; of narrower ones the deepest stage was rounded least.
    const isPaper = stem === paperStem.resnext
    const each = isPaper ? inner / groups : Math.max(1, Math.round((64 * last.inner) / (groups * planes)))
    return { family: 'ResNeXt', depth, title: `ResNeXt${depth}-${groups}x${each}d`, width }
  }
  const widening = (4 * inner) / channels
  if (widening === 1) return named('ResNet', depth, inner)
  const times = Number.isInteger(widening) ? `-${widening}` : ''
  return { family: 'Wide ResNet', depth, title: `Wide ResNet${depth}${times}`, width }
}
