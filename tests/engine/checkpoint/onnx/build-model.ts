import { joined } from '../../../fixtures/hostile/hostile-file.ts'
import { field } from '../../../fixtures/hostile/protobuf.ts'

type Attribute = number | number[] | string

/** A ValueInfoProto of floats; a length of null is left open. */
export const value = (name: string, ...dims: (number | null)[]): Uint8Array => {
  const shape = dims.map((length) => field(1, length === null ? field(2, 'N') : field(1, length)))
  return joined(field(1, name), field(2, field(1, joined(field(1, 1), field(2, joined(...shape))))))
}

/** A NodeProto; numbers become INT, lists INTS. */
export const node = (
  op: string,
  inputs: string[],
  outputs: string[],
  attributes: Record<string, Attribute> = {}
): Uint8Array =>
  joined(
    ...inputs.map((name) => field(1, name)),
    ...outputs.map((name) => field(2, name)),
    field(4, op),
    ...Object.entries(attributes).map(([name, each]) => field(5, joined(field(1, name), attribute(each))))
  )

function attribute(each: Attribute): Uint8Array {
  if (typeof each === 'string') return joined(field(4, each), field(20, 3))
  if (typeof each === 'number') return joined(field(3, each), field(20, 2))
  return joined(...each.map((number) => field(8, number)), field(20, 7))
}

/** A TensorProto of floats, or of what else its fields say. */
export const tensor = (name: string, dims: number[], ...more: Uint8Array[]): Uint8Array =>
  joined(...dims.map((length) => field(1, length)), field(2, 1), field(8, name), ...more)

/** Floats as raw data. */
export const raw = (...numbers: number[]): Uint8Array => field(9, new Uint8Array(Float32Array.from(numbers).buffer))

/** Whole numbers, as a TensorProto. */
export const integers = (name: string, ...numbers: number[]): Uint8Array =>
  joined(field(1, numbers.length), field(2, 7), field(8, name), ...numbers.map((number) => field(7, number)))

type Parts = {
  nodes: Uint8Array[]
  tensors?: Uint8Array[]
  inputs?: Uint8Array[]
  outputs?: Uint8Array[]
  opset?: number
  more?: Uint8Array[]
}

/** A ModelProto. */
export function model({ nodes, tensors = [], inputs, outputs, opset = 13, more = [] }: Parts): Uint8Array {
  const graph = joined(
    ...nodes.map((each) => field(1, each)),
    field(2, 'main'),
    ...tensors.map((each) => field(5, each)),
    ...(inputs ?? [value('x', null, 1, 4, 4)]).map((each) => field(11, each)),
    ...(outputs ?? [value('y', null, 3)]).map((each) => field(12, each)),
    ...more
  )
  return joined(field(1, 8), field(7, graph), field(8, joined(field(1, ''), field(2, opset))))
}

/** `x` flattened and multiplied with `w` [16,3]. */
export const linear = (x = 'x', y = 'y'): Uint8Array[] => [
  node('Flatten', [x], [`${y} flat`]),
  node('Gemm', [`${y} flat`, 'w'], [y])
]
export const linearWeight = tensor('w', [16, 3], raw(...Array.from({ length: 48 }, (_, at) => Math.sin(at))))
