import type { Tensor, Tensor4D } from '@tensorflow/tfjs'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../../../src-main/engine/backend/backend.ts'
import { openByName } from '../../../../src-main/engine/backend/choose.ts'
import { opsOf } from '../../../../src-main/engine/backend/ops/ops.ts'
import { forward } from '../../../../src-main/engine/model/forward.ts'
import type { Graph, GraphNode, Operation } from '../../../../src-main/engine/model/graph/graph.ts'
import { graphShapes } from '../../../../src-main/engine/model/graph/graph-shapes.ts'
import { networkOfGraph } from '../../../../src-main/engine/model/graph/network-of-graph.ts'
import type { TensorSpec } from '../../../../src-main/engine/model/tensor-specs.ts'
import { toState, type Weights } from '../../../../src-main/engine/model/weights.ts'
import { normals } from '../../../../src-shared/science/random.ts'

const none = { top: 0, bottom: 0, left: 0, right: 0 }
const one = { top: 1, bottom: 1, left: 1, right: 1 }
const uneven = { top: 0, bottom: 1, left: 2, right: 0 }
const plain: Extract<Operation, { op: 'convolution' }> = {
  op: 'convolution',
  strides: [1, 1],
  pads: none,
  dilations: [1, 1],
  groups: 1
}

/** An operation on images [2,4,6,6], and the shape of its weights. */
const cases: Record<string, { operations: Operation[]; weight?: number[]; isTransposed?: true }> = {
  'a wide kernel': { operations: [{ ...plain, pads: uneven }], weight: [3, 4, 1, 3] },
  'uneven padding and a stride': { operations: [{ ...plain, strides: [2, 2], pads: uneven }], weight: [3, 4, 3, 3] },
  'uneven strides': { operations: [{ ...plain, strides: [2, 1], pads: one }], weight: [3, 4, 3, 3] },
  'a kernel with holes': { operations: [{ ...plain, dilations: [2, 1], pads: one }], weight: [3, 4, 3, 2] },
  groups: { operations: [{ ...plain, groups: 2 }], weight: [6, 2, 3, 3] },
  'depthwise, wide': { operations: [{ ...plain, groups: 4 }], weight: [4, 1, 1, 3] },
  'depthwise, multiplied': { operations: [{ ...plain, groups: 4, pads: one }], weight: [8, 1, 3, 3] },
  'a transposed convolution': {
    operations: [{ op: 'transposedConvolution', strides: [2, 2], pads: one, outputPads: [1, 1] }],
    weight: [4, 3, 3, 3],
    isTransposed: true
  },
  'an overlapping mean': {
    operations: [
      { op: 'averagePool', kernel: [3, 2], strides: [2, 1], pads: { ...none, top: 1 }, ceil: true, countsPads: false }
    ]
  },
  'an overlapping maximum': {
    operations: [{ op: 'maxPool', kernel: [3, 3], strides: [2, 2], pads: one, ceil: false }]
  },
  'resizing by 2': { operations: [{ op: 'resize', mode: 'linear', scale: [2, 2] }] },
  'resizing by halves': { operations: [{ op: 'resize', mode: 'linear', scale: [1.5, 0.5] }] },
  'nearest pixels': { operations: [{ op: 'resize', mode: 'nearest', scale: [2, 3] }] },
  'exact gelu': { operations: [{ op: 'gelu' }] },
  'elu and softplus': { operations: [{ op: 'elu', alpha: 1 }, { op: 'softplus' }] },
  'hard swish and sigmoid': { operations: [{ op: 'hardSwish' }, { op: 'hardSigmoid', alpha: 0.3, beta: 0.5 }] },
  'mixing channels': {
    operations: [
      { op: 'reshape', shape: [0, 2, 2, -2, -2] },
      { op: 'transpose', permutation: [0, 2, 1, 3, 4] },
      { op: 'reshape', shape: [0, 4, -2, -2] }
    ]
  },
  'every second row': { operations: [{ op: 'slice', axes: [2], starts: [1], ends: [6], steps: [2] }] },
  'a softmax of channels': { operations: [{ op: 'softmax', axis: 1 }] }
}

function graphOf({ operations, weight, isTransposed }: (typeof cases)[string]): Graph {
  const nodes: GraphNode[] = []
  let value = 'x'
  for (const operation of operations) {
    const output = `value ${nodes.length + 1}`
    nodes.push({ output, inputs: nodes.length === 0 && weight ? [value, 'w'] : [value], ...operation })
    value = output
  }
  nodes.push({ output: 'logits', inputs: [value], op: 'flatten', axis: 1 })
  const place = { role: 'convolution', stage: 0, part: 'backbone' } as const
  const spec: TensorSpec = { name: 'w', shape: weight ?? [], ...place, ...(isTransposed ? { isTransposed } : {}) }
  const body = {
    layout: 'NCHW' as const,
    input: { value: 'x', channels: 4, size: null },
    nodes,
    tensors: weight ? [spec] : [],
    constants: new Map()
  }
  const classes = graphShapes(body, 6).get('logits')![1]!
  return { ...body, exits: [{ logits: 'logits', features: 'logits', classes, featureCount: classes }] }
}

const random = (shape: number[], key: string) =>
  normals(
    shape.reduce((a, b) => a * b, 1),
    'graph gradients',
    key
  )

describe.each(['native', 'cpu', 'wasm'] as const)('on %s the gradient equals finite differences of', (name) => {
  let backend: Backend
  beforeAll(async () => {
    backend = await openByName(name)
  })

  test.each(Object.keys(cases))('%s', async (each) => {
    const { tf } = backend
    const network = networkOfGraph(graphOf(cases[each]!)).network!
    const { weight } = cases[each]!
    const weights: Weights = new Map(weight ? [['w', { shape: weight, data: random(weight, 'w') }]] : [])
    const state = toState(tf, network, weights)
    const inputs = [tf.tensor(random([2, 6, 6, 4], 'x'), [2, 6, 6, 4]), ...state.parameters.values()]
    const factors = tf.tensor(random([2, network.classes], 'factors'), [2, network.classes])
    const loss = (...[x, w]: Tensor[]) => {
      const moved = { ...state, parameters: new Map(w ? [['w', w]] : []) }
      const options = { needsImageGradient: true }
      const [exit] = forward(tf, opsOf(backend), network, moved, x as Tensor4D, { kind: 'evaluate' }, options)
      return tf.sum(tf.mul(exit!.logits, factors))
    }
    const step = 1e-2
    const errors = tf.tidy(() => {
      const gradients = tf.grads(loss as never)(inputs)
      return inputs.map((input, index) => {
        const direction = tf.tensor(random(input.shape, `direction ${index}`), input.shape)
        const at = (by: number) =>
          loss(...inputs.map((one, k) => (k === index ? tf.add(one, tf.mul(direction, by)) : one))).dataSync()[0]!
        const analytic = tf.sum(tf.mul(gradients[index]!, direction)).dataSync()[0]!
        const size = Math.sqrt(tf.sum(tf.square(gradients[index]!)).dataSync()[0]!)
        return Math.abs((at(step) - at(-step)) / (2 * step) - analytic) / size
      })
    })
    // A maximum has corners.
    for (const error of errors)
      expect(error).toBeLessThan(each.includes('maximum') || each.includes('hard') ? 0.2 : 0.01)
  })
})
