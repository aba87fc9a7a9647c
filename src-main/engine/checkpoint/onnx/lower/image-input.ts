import { GraphProblem } from '../../../model/graph/problem.ts'
import { quote } from '../../../pickle/values.ts'
import type { OnnxModel } from '../model-proto.ts'

/** The one input that is images. */
export type ImageInput = {
  name: string
  /** As the file takes them: [N,C,H,W], [N,H,W,C], or [N,H,W] with one channel. */
  order: 'NCHW' | 'NHWC' | 'NHW'
  channels: number
  /** The side that the file asks for, pixels; null where any will do. */
  size: number | null
  /** How many images the file was written for; null where it takes any number. */
  batch: number | null
}

const largestSide = 4096
const mostChannels = 64
/** FLOAT, FLOAT16, DOUBLE, BFLOAT16. */
const floats = new Set([1, 10, 11, 16])

/** Finds the input that is images. Throws GraphProblem where there is none, or more than one. */
export function findImageInput({ inputs, initializers, nodes }: OnnxModel): ImageInput {
  const open = inputs.filter(({ name }) => !initializers.has(name))
  const [input] = open
  if (open.length !== 1 || !input) {
    const names = open.slice(0, 5).map(({ name }) => quote(name))
    throw new GraphProblem(
      open.length ? `takes ${open.length} inputs, ${names.join(', ')}, and not images alone` : 'takes no input'
    )
  }
  const { name, type, dims } = input
  if (type !== 0 && !floats.has(type))
    throw new GraphProblem(`takes numbers of the type ${type} as ${quote(name)}, and only floats are known here`)
  const shape = dims ?? [null, null, null, null]
  const written = `[${shape.map((length) => length ?? '?').join(', ')}]`
  if (shape.length !== 4 && shape.length !== 3)
    throw new GraphProblem(`takes ${written} as ${quote(name)}, which are not images`)
  if (shape.length === 3)
    return { name, order: 'NHW', channels: 1, size: sideOf(shape[1]!, shape[2]!), batch: shape[0]! }
  const isLast = isColour(shape[3]!) && !isColour(shape[1]!)
  const [channels, height, width] = isLast ? [shape[3], shape[1], shape[2]] : [shape[1], shape[2], shape[3]]
  const counted = channels ?? channelsOfFirst(nodes, initializers, name)
  if (counted === null) throw new GraphProblem(`does not say how many channels ${quote(name)} has`)
  if (counted > mostChannels)
    throw new GraphProblem(`takes images of ${counted} channels; at most ${mostChannels} can be used`)
  return { name, order: isLast ? 'NHWC' : 'NCHW', channels: counted, size: sideOf(height!, width!), batch: shape[0]! }
}

const isColour = (channels: number | null): boolean => channels === 1 || channels === 3 || channels === 4

function sideOf(height: number | null, width: number | null): number | null {
  if (height !== null && width !== null && height !== width)
    throw new GraphProblem(`takes images of ${height} x ${width} pixels; only square ones are known here`)
  const side = height ?? width
  if (side !== null && side > largestSide)
    throw new GraphProblem(`takes images of ${side} x ${side} pixels; at most ${largestSide} can be used`)
  return side
}

/** What the first convolution of the images takes. */
function channelsOfFirst(
  nodes: OnnxModel['nodes'],
  initializers: OnnxModel['initializers'],
  name: string
): number | null {
  const first = nodes.find(({ op, inputs }) => op === 'Conv' && inputs[0] === name)
  const weight = initializers.get(first?.inputs[1] ?? '')
  const groups = first?.attributes.get('group')?.number ?? 1
  return weight?.dims.length === 4 ? weight.dims[1]! * groups : null
}
