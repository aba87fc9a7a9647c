import type { Tensor } from '@tensorflow/tfjs'

type Tf = typeof import('@tensorflow/tfjs')

/** Below this a length counts as that long (the epsilon of PyTorch's `normalize`): its square is a normal float32. */
const leastLength = 1e-12

/** The root of a sum of squares, 1e-12 at least; where it is less, the gradient is 0 and not NaN, PyTorch's choice for norms. */
export function lengthOf<T extends Tensor>(tf: Tf, squares: T): T {
  return tf.sqrt(tf.maximum(squares, leastLength ** 2)) as T
}
