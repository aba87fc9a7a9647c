import type { TensorData } from '../format.ts'

/** Steps in elements from one index to the next of each axis, where the last axis moves fastest. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides: number[] = []
  let step = 1
  for (const length of shape.toReversed()) {
    strides.unshift(step)
    // As PyTorch has it for tensors without elements.
    step *= Math.max(1, length)
  }
  return strides
}

/** True where the elements of a view lie one behind the other, in order. */
export function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  const expected = stridesOf(shape)
  return shape.includes(0) || shape.every((length, axis) => length === 1 || strides[axis] === expected[axis])
}

/** The elements of a view in order; `values` begin with its first and reach to its last. */
export function gather(values: TensorData, shape: readonly number[], strides: readonly number[]): TensorData {
  const count = shape.reduce((product, length) => product * length, 1)
  const gathered = new (values.constructor as new (length: number) => TensorData)(count)
  const last = shape.length - 1
  const length = shape[last] ?? 1
  const step = strides[last] ?? 0
  const index = shape.map(() => 0)
  let from = 0
  for (let at = 0; at < count;) {
    for (let item = 0; item < length; item++) gathered[at++] = values[from + item * step]!
    // On to the next row, as a counter of several digits goes on.
    for (let axis = last - 1; axis >= 0; axis--) {
      from += strides[axis]!
      if (++index[axis]! < shape[axis]!) break
      from -= shape[axis]! * strides[axis]!
      index[axis] = 0
    }
  }
  return gathered
}
