import type { BlockSpec } from '../../../../src-shared/networks/network-spec.ts'
import type { Structure } from './read-stages.ts'
import { kernelOf, type Shapes } from './shapes.ts'

/** The structure that torchvision's names `features.0` and so on tell of: VGG or SqueezeNet; null where neither. */
export function readFeatures(tensors: Shapes): Structure | null {
  const first = kernelOf(tensors, 'features.0')
  if (!first) return null
  return [...tensors.keys()].some((name) => /^features\.\d+\.squeeze\.weight$/.test(name))
    ? readSqueezenet(tensors, first)
    : readVgg(tensors, first)
}

/** Places in `features` of what has this name, ascending. */
function placesOf(tensors: Shapes, pattern: RegExp): number[] {
  const places = [...tensors.keys()].map((name) => pattern.exec(name)?.[1]).filter((place) => place !== undefined)
  return places.map(Number).sort((a, b) => a - b)
}

/** Convolutions, each with BatchNorm and ReLU; where a place is left out between them, a pool lies there. */
function readVgg(tensors: Shapes, [width, inputChannels]: readonly number[]): Structure | null {
  const places = placesOf(tensors, /^features\.(\d{1,4})\.weight$/).filter((at) => kernelOf(tensors, `features.${at}`))
  const norm = tensors.has('features.1.running_mean')
  const groups: BlockSpec[][] = [[]]
  for (const [index, at] of places.entries()) {
    const [channels, , kernel] = kernelOf(tensors, `features.${at}`)!
    const names = { name: `features.${at}`, ...(norm ? { normName: `features.${at + 1}` } : { norm }) }
    groups.at(-1)!.push({ block: 'convolution', ...names, channels, bias: true, ...(kernel === 3 ? {} : { kernel }) })
    const gap = (places[index + 1] ?? NaN) - at - (norm ? 3 : 2)
    if (gap === 1) groups.push([])
    else if (gap !== 0 && index < places.length - 1) return null
  }
  const stages = groups.map((blocks): BlockSpec[] => [...blocks, { block: 'max-pool' }])
  const [one, two, ...others] = stages
  if (!one || !two) return null
  // On small images the first two are one stage, so that it has more than a pair of convolutions.
  const depth = places.length + 3
  const title = `VGG${depth}${norm ? '' : ' without BatchNorm'}`
  const spec = { name: title, stages: [[...one, ...two], ...others] }
  return { member: { family: 'VGG', depth, title, spec }, width: width!, inputChannels: inputChannels! }
}

/** Fire modules; a place that is left out between them is a pool, and a stage begins there. */
function readSqueezenet(tensors: Shapes, [width, inputChannels, kernel]: readonly number[]): Structure | null {
  const places = placesOf(tensors, /^features\.(\d{1,4})\.squeeze\.weight$/)
  const norm = tensors.has('features.3.squeeze_bn.weight')
  const pool: BlockSpec = { block: 'max-pool', kernel: 3, stride: 2, ceil: true }
  const stages: BlockSpec[][] = []
  for (const [index, at] of places.entries()) {
    const parts = ['squeeze', 'expand1x1', 'expand3x3'].map((part) => kernelOf(tensors, `features.${at}.${part}`)?.[0])
    const [squeeze, expand1x1, expand3x3] = parts
    if (!squeeze || !expand1x1 || !expand3x3) return null
    const before = places[index - 1]
    if (before === undefined) stages.push([])
    else if (at === before + 2) stages.push([pool])
    else if (at !== before + 1) return null
    const name = `features.${at}`
    stages.at(-1)!.push({ block: 'fire', name, squeeze, expand1x1, expand3x3, ...(norm ? { norm } : {}) })
  }
  // torchvision's begins with a stride of 2 and a pool; ours, for small images, has the same names but a linear classifier.
  const isImagenet = kernel !== 3 || kernelOf(tensors, 'classifier.1') !== null
  const convolution: BlockSpec = {
    ...({ block: 'convolution', name: 'features.0', channels: width!, kernel: kernel! } as const),
    ...(norm ? {} : { bias: true, norm: false }),
    ...(isImagenet ? { stride: 2, padding: 0 } : {})
  }
  const version = kernel === 7 ? '1.0' : '1.1'
  const title = `SqueezeNet ${version}${norm ? ' with BatchNorm' : ''}`
  const spec = { name: title, stem: isImagenet ? [convolution, pool] : [convolution], stages }
  return { member: { family: 'SqueezeNet', depth: 0, title, spec }, width: width!, inputChannels: inputChannels! }
}
