import type { Pads, Pair } from '../../../model/graph/graph.ts'
import { GraphProblem } from '../../../model/graph/problem.ts'
import { spreadOf } from '../../../model/graph/windows.ts'
import type { Call } from './call.ts'
import type { Value } from './facts.ts'

/** What Conv and the pools say of their windows. */
export type Windows = { strides: Pair; pads: Pads; dilations: Pair }

/** Reads strides, dilations and padding of windows over images. Throws GraphProblem where they are not over two axes. */
export function windowsOf(call: Call, x: Value, kernel: Pair): Windows {
  const strides = call.exactly('strides', 2, 1) as Pair
  const dilations = call.exactly('dilations', 2, 1) as Pair
  return { strides, dilations, pads: padsOf(call, x, kernel, { strides, dilations }) }
}

function padsOf(
  call: Call,
  x: Value,
  kernel: Pair,
  { strides, dilations }: Pick<Windows, 'strides' | 'dilations'>
): Pads {
  const auto = call.text('auto_pad', 'NOTSET')
  if (auto === 'NOTSET' || auto === '') {
    const [top, left, bottom, right] = call.exactly('pads', 4, 0) as [number, number, number, number]
    return { top, bottom, left, right }
  }
  if (auto === 'VALID') return { top: 0, bottom: 0, left: 0, right: 0 }
  if (auto !== 'SAME_UPPER' && auto !== 'SAME_LOWER') throw new GraphProblem(`pads in the unknown way ${auto}`)
  const [rows, columns] = [0, 1].map((axis) => {
    const size = x.shape[2 + axis] ?? 0
    const windows = Math.ceil(size / strides[axis]!)
    const all = Math.max(0, (windows - 1) * strides[axis]! + spreadOf(kernel[axis]!, dilations[axis]!) - size)
    const less = Math.floor(all / 2)
    return auto === 'SAME_UPPER' ? { before: less, after: all - less } : { before: all - less, after: less }
  }) as [{ before: number; after: number }, { before: number; after: number }]
  return { top: rows.before, bottom: rows.after, left: columns.before, right: columns.after }
}

/** The kernel that the node says, which must be that of its weights where it has some. */
export function kernelOf(call: Call, own?: readonly number[]): Pair {
  const kernel = call.numbers('kernel_shape') ?? own
  if (kernel?.length !== 2) throw new GraphProblem(`has a kernel of ${kernel?.length ?? 0} axes; images have two`)
  if (own && String(own) !== String(kernel))
    throw new GraphProblem(`has the kernel ${kernel.join(' x ')}, and weights for ${own.join(' x ')}`)
  return kernel as Pair
}
