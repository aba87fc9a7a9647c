import type { BlockSpec } from '../network-spec.ts'
import { residualStem, type Family } from './family.ts'
import { residualCounts } from './resnet.ts'

/** Blocks in each stage: three stages of (depth - 2) / 9 for CIFAR, ResNet's four from 50 on. */
const countsOf = (depth: number): readonly number[] | null => {
  if (depth >= 50) return residualCounts[depth] ?? null
  return depth >= 11 && (depth - 2) % 9 === 0 ? Array<number>(3).fill((depth - 2) / 9) : null
}

/** Aggregated residual networks (Xie et al. 2017), for instance `resnext29-8x64d`: 8 groups of 64 channels. */
export const resnext: Family = {
  pattern: /^resnext(\d{2,3})-(\d{1,3})x(\d{1,3})d$/,
  paperWidth: () => 64,
  problem: ([, depth, groups, each]) => {
    if (!countsOf(Number(depth))) return 'has no such depth: take 29, 50, 101 or 152'
    return Number(groups) < 1 || Number(each) < 1 ? 'needs one group of one channel at least' : null
  },
  build([, depthText, groupsText, eachText], { width, form }) {
    const [depth, groups, each] = [Number(depthText), Number(groupsText), Number(eachText)]
    const stages = countsOf(depth)!.map((repeat, stage): BlockSpec[] => {
      const planes = width << stage
      const inner = groups * Math.max(1, Math.floor((planes * each) / 64))
      return [{ block: 'bottleneck', channels: 4 * planes, inner, groups, stride: stage > 0 ? 2 : 1, repeat }]
    })
    const title = `ResNeXt${depth}-${groups}x${each}d`
    return { family: 'ResNeXt', depth, title, spec: { name: title, stem: residualStem(width, form), stages } }
  }
}
