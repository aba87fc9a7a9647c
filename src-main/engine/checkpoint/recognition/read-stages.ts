import type { Member } from '../../../../src-shared/networks/families/family.ts'
import { findNetwork } from '../../../../src-shared/networks/find-network.ts'
import type { BlockSpec } from '../../../../src-shared/networks/network-spec.ts'
import { titleOf } from './residual-title.ts'
import { kernelOf, type Shapes } from './shapes.ts'

/** A structure that was read off tensors. */
export type Structure = { member: Member; width: number; inputChannels: number }

/** The structure that names like `layer1.0.conv1` tell of: blocks, channels, groups, the stem; null where none. */
export function readStages(tensors: Shapes): Structure | null {
  const first = kernelOf(tensors, 'conv1')
  if (!first) return readPlain(tensors)
  const [channels, inputChannels, kernel] = first
  const hasStemNorm = tensors.has('bn1.weight')
  const blocks = blocksOf(tensors, hasStemNorm)
  const last = blocks.at(-1)
  if (!last || ![1, 3, 7].includes(kernel)) return null
  const isPyramid = last.some(({ block }) => block === 'pyramid')
  const isImagenet = kernel === 7
  const stem: BlockSpec[] = [
    {
      ...({ block: 'convolution', name: 'conv1', normName: 'bn1', channels, kernel } as const),
      ...(isImagenet ? { stride: 2 } : {}),
      ...(hasStemNorm ? { relu: isImagenet || !isPyramid } : { norm: false, relu: false })
    },
    ...(isImagenet ? [{ block: 'max-pool', kernel: 3, stride: 2, padding: 1 } as const] : []),
    ...placesOf(tensors, 'stem', hasStemNorm, 1)
  ]
  const title = titleOf(blocks, channels)
  if (!title) return null
  const norm = isPyramid ? 'bn_final' : 'bn'
  if (tensors.has(`${norm}.weight`)) last.push({ block: 'normalization', name: norm })
  const { width, ...member } = title
  return { member: { ...member, spec: { name: title.title, stem, stages: blocks } }, width, inputChannels }
}

/** The plain network, whose pools are not to be seen. */
function readPlain(tensors: Shapes): Structure | null {
  const first = kernelOf(tensors, 'layer1.0.conv')
  if (!first) return null
  const [width, inputChannels] = first
  return { member: findNetwork({ name: 'cnn', width }), width, inputChannels }
}

function blocksOf(tensors: Shapes, hasStemNorm: boolean): BlockSpec[][] {
  const stages: BlockSpec[][] = []
  for (;;) {
    const blocks = placesOf(tensors, `layer${stages.length + 1}`, hasStemNorm)
    if (!blocks.length) return stages
    // No shape tells of strides: in every network that is named so, each stage after the first begins with one of 2;
    // MobileNet's first does, too.
    const [first, ...others] = blocks
    const isHalved = stages.length > 0 || first?.block === 'separable'
    stages.push(isHalved && first && 'stride' in first ? [{ ...first, stride: 2 }, ...others] : blocks)
  }
}

/** The blocks `prefix.0`, `prefix.1` and so on, from the place `start`: a stem's first is its convolution. */
function placesOf(tensors: Shapes, prefix: string, hasStemNorm: boolean, start = 0): BlockSpec[] {
  const blocks: BlockSpec[] = []
  for (;;) {
    const block = blockAt(tensors, `${prefix}.${start + blocks.length}`, hasStemNorm)
    if (!block) return blocks
    blocks.push(block)
  }
}

function blockAt(tensors: Shapes, name: string, hasStemNorm: boolean): BlockSpec | null {
  const [one, two, three] = [1, 2, 3].map((index) => kernelOf(tensors, `${name}.conv${index}`))
  const hasNorm = (index: number) => tensors.has(`${name}.bn${index}.weight`)
  if (!one || !two) return null
  const stride = 1
  if (three) {
    const [channels, inner] = [three[0], one[0]]
    if (hasNorm(4)) return { block: 'pyramid', channels, inner, stride }
    const groups = inner / two[1]
    if (!Number.isInteger(groups)) return null
    return { block: 'bottleneck', channels, inner, ...(groups === 1 ? {} : { groups }), stride }
  }
  const [channels] = two
  if (one[1] === 1 && one[2] === 3 && two[2] === 1) return { block: 'separable', channels, stride }
  if (hasNorm(3)) return { block: 'pyramid', channels, stride }
  return { block: hasStemNorm ? 'basic' : 'preactivation', channels, stride }
}
