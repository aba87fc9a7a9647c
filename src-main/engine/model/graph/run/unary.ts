import type { Tensor } from '@tensorflow/tfjs'
import type { Ops } from '../../../backend/ops/ops.ts'
import type { Operation } from '../graph.ts'
import type { Tf } from './held.ts'

/** What an operation makes of each number; null where it does more than that. */
export function applyUnary(tf: Tf, ops: Ops, x: Tensor, operation: Operation): Tensor | null {
  switch (operation.op) {
    case 'identity':
      return x
    case 'relu':
      return ops.relu(x)
    case 'sigmoid':
    case 'tanh':
    case 'softplus':
    case 'exp':
    case 'log':
    case 'sqrt':
    case 'neg':
    case 'abs':
    case 'erf':
    case 'reciprocal':
      return tf[operation.op](x)
    case 'swish':
      return tf.mul(x, tf.sigmoid(x))
    case 'hardSigmoid':
      return between(tf, tf.add(tf.mul(x, operation.alpha), operation.beta), 0, 1)
    case 'hardSwish':
      return tf.mul(x, between(tf, tf.add(tf.div(x, 6), 0.5), 0, 1))
    case 'gelu':
      return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1))
    case 'geluTanh': {
      const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI))
      return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1))
    }
    case 'leakyRelu':
      return tf.leakyRelu(x, operation.alpha)
    case 'elu':
      // tfjs's own knows alpha 1 only.
      return tf.add(tf.relu(x), tf.mul(tf.sub(tf.exp(tf.minimum(x, 0)), 1), operation.alpha))
    case 'clip':
      return between(tf, x, operation.min, operation.max)
    default:
      return null
  }
}

function between(tf: Tf, x: Tensor, min: number, max: number): Tensor {
  if (min === -Infinity) return max === Infinity ? x : tf.minimum(x, max)
  if (max === Infinity) return tf.maximum(x, min)
  return min <= max ? tf.clipByValue(x, min, max) : tf.minimum(tf.maximum(x, min), max)
}

/** What an operation makes of pairs of numbers; null where it does something else. */
export function applyBinary(tf: Tf, a: Tensor, b: Tensor, operation: Operation): Tensor | null {
  switch (operation.op) {
    case 'add':
    case 'sub':
    case 'mul':
    case 'div':
    case 'pow':
    case 'maximum':
    case 'minimum':
      return tf[operation.op](a, b)
    default:
      return null
  }
}
