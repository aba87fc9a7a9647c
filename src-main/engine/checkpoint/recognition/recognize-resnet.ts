import { isBottleneckDepth, residualCounts } from '../../../../src-shared/networks/families/resnet.ts'
import { findNetwork } from '../../../../src-shared/networks/find-network.ts'
import type { HeadName } from '../../../../src-shared/networks/network-spec.ts'
import { buildNetwork } from '../../model/build-network.ts'
import type { Network } from '../../model/layer.ts'

type Shapes = ReadonlyMap<string, { shape: number[] }>

/**
 * The ResNet that a list of tensors belongs to, read off names and shapes (the conventions of the public `luanyunteng`,
 * SCAN and journal code, or torchvision's without exits in CIFAR form); null where they belong to something else.
 */
export function recognizeResnet(tensors: Shapes): Network | null {
  const heads = headsOf(tensors)
  const [width, inputChannels] = tensors.get('conv1.weight')?.shape ?? []
  const [classes] = (tensors.get('fc.weight') ?? tensors.get('fc4.weight'))?.shape ?? []
  const depth = depthOf(tensors)
  if (!width || !inputChannels || !classes || depth === null) return null
  const member = findNetwork({ name: `resnet${depth}`, width })
  return buildNetwork({ member, width, classes, inputChannels, exits: heads ? 'all' : 'deepest', ...heads })
}

type Heads = { head: HeadName; headWidth?: number; attention?: boolean }

/** Which exit heads the names tell of; null for none. */
function headsOf(tensors: Shapes): Heads | null {
  const bottleneck = tensors.get('bottleneck1_1.0.weight')?.shape[0]
  if (bottleneck) return { head: 'bottleneck', headWidth: bottleneck }
  const attention = [...tensors.keys()].some((name) => name.startsWith('attention1.'))
  if (tensors.has('scala1.0.op.0.weight')) return { head: 'sepconv', attention }
  const scan = tensors.get('scala1.0.weight')?.shape[0]
  if (scan) return { head: 'scan', headWidth: scan, attention }
  return tensors.has('middle_fc1.weight') ? { head: 'linear' } : null
}

/** Which table of blocks fits the names `layerS.B.*`. */
function depthOf(tensors: Shapes): number | null {
  const counts = [1, 2, 3, 4].map((stage) => {
    let blocks = 0
    while (tensors.has(`layer${stage}.${blocks}.conv1.weight`)) blocks++
    return blocks
  })
  const hasThree = tensors.has('layer1.0.conv3.weight')
  const depths = Object.keys(residualCounts).map(Number)
  const fits = (depth: number) =>
    isBottleneckDepth(depth) === hasThree && String(residualCounts[depth]) === String(counts)
  return depths.find(fits) ?? null
}
