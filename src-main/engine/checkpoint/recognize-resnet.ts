import { isResnetDepth, resnet, resnetDepths, type ResnetDepth } from '../model/families/resnet.ts'
import type { Network } from '../model/layer.ts'

type Shapes = ReadonlyMap<string, { shape: number[] }>

/**
 * The ResNet that a list of tensors belongs to, read off names and shapes (the public `luanyunteng` convention, or
 * torchvision's without exits in CIFAR form); null where they belong to something else.
 */
export function recognizeResnet(tensors: Shapes): Network | null {
  const stem = tensors.get('conv1.weight')?.shape
  const classifier = tensors.get('fc.weight')?.shape
  const [width, inputChannels] = stem ?? []
  const [classes] = classifier ?? []
  if (!width || !inputChannels || !classes) return null
  const depth = depthOf(tensors)
  if (depth === null) return null
  const exits = tensors.has('bottleneck1_1.0.weight') ? 'all' : 'deepest'
  return resnet({ depth, width, classes, inputChannels, exits })
}

/** Which table of blocks fits the names `layerS.B.*`. */
function depthOf(tensors: Shapes): ResnetDepth | null {
  const counts = [1, 2, 3, 4].map((stage) => {
    let blocks = 0
    while (tensors.has(`layer${stage}.${blocks}.conv1.weight`)) blocks++
    return blocks
  })
  const block = tensors.has('layer1.0.conv3.weight') ? 'bottleneck' : 'basic'
  const found = Object.keys(resnetDepths)
    .map(Number)
    .filter(isResnetDepth)
    .find((depth) => resnetDepths[depth].block === block && String(resnetDepths[depth].counts) === String(counts))
  return found ?? null
}
