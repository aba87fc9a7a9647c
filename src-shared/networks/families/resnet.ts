import type { BlockSpec } from '../network-spec.ts'
import { residualStem, type Family } from './family.ts'

/** Blocks in each stage (He et al. 2016, table 1). */
export const residualCounts: Readonly<Record<number, readonly number[]>> = {
  18: [2, 2, 2, 2],
  34: [3, 4, 6, 3],
  50: [3, 4, 6, 3],
  101: [3, 4, 23, 3],
  152: [3, 8, 36, 3]
}

/** Depths from which on blocks have three convolutions. */
export const isBottleneckDepth = (depth: number): boolean => depth >= 50

/** Residual networks (He et al. 2016), `resnet18` to `resnet152`. */
export const resnet: Family = {
  pattern: /^resnet(18|34|50|101|152)$/,
  paperWidth: () => 64,
  build([, text], { width, form }) {
    const depth = Number(text)
    const stages = residualCounts[depth]!.map((repeat, stage): BlockSpec[] => {
      const planes = width << stage
      const stride = stage > 0 ? 2 : 1
      return isBottleneckDepth(depth)
        ? [{ block: 'bottleneck', channels: 4 * planes, inner: planes, stride, repeat }]
        : [{ block: 'basic', channels: planes, stride, repeat }]
    })
    const title = `ResNet${depth}`
    return { family: 'ResNet', depth, title, spec: { name: title, stem: residualStem(width, form), stages } }
  }
}
