import type { Exit, Layer, Network } from '../../model/layer.ts'
import { kernelOf, shapeOf, type Shapes } from './shapes.ts'

/** Pixels of the map that a fully connected layer may take as a whole. */
const mostPixels = 15

/**
 * A network with torchvision's classifier in place of one linear layer, where the names tell of it: SqueezeNet's convolution,
 * or linear layers one behind the other (VGG's three, MobileNetV2's one).
 */
export function withClassifier(network: Network, tensors: Shapes): Network {
  const last = network.exits.at(-1)!
  if (tensors.has(`${last.classifier.name}.weight`)) return network
  const exit = pointwise(last, tensors) ?? stacked(last, tensors)
  return exit ? { ...network, classes: exit.classifier.outFeatures, exits: network.exits.with(-1, exit) } : network
}

function pointwise({ exit, classifier }: Exit, tensors: Shapes): Exit | null {
  const shape = kernelOf(tensors, 'classifier.1')
  if (shape?.[2] !== 1) return null
  return {
    exit,
    head: [],
    classifier: { ...classifier, name: 'classifier.1', outFeatures: shape[0], isPointwise: true }
  }
}

function stacked({ exit, classifier }: Exit, tensors: Shapes): Exit | null {
  const places = Array.from({ length: 10 }, (_, place) => place).filter((place) =>
    shapeOf(tensors, `classifier.${place}.weight`, 2)
  )
  // Between two of them lies a ReLU.
  if (!places.length || places.some((place, index) => place === places[index - 1]! + 1)) return null
  let channels = classifier.inFeatures
  let side = 1
  const head: Layer[] = []
  for (const [index, place] of places.entries()) {
    const name = `classifier.${place}`
    const [outChannels, inFeatures] = shapeOf(tensors, `${name}.weight`, 2)!
    const isLast = index === places.length - 1
    if (index === 0) side = Math.sqrt(inFeatures / channels)
    if (!Number.isInteger(side) || side > mostPixels || (isLast && side > 1)) return null
    if (isLast) return { exit, head, classifier: { ...classifier, name, inFeatures, outFeatures: outChannels } }
    if (index === 0) head.push({ kind: 'adaptiveAverage', size: side })
    const shape = { inChannels: channels, outChannels, kernel: side, stride: 1, padding: 0 }
    head.push({ kind: 'convolution', name, ...shape, bias: true, isFlat: true }, { kind: 'relu' })
    channels = outChannels
    side = 1
  }
  return null
}
