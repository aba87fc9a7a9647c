import { describe, expect, test } from 'vitest'
import type { Graph, Operation } from '../../../../src-main/engine/model/graph/graph.ts'
import { graphCosts } from '../../../../src-main/engine/model/graph/graph-cost.ts'
import { graphShapes } from '../../../../src-main/engine/model/graph/graph-shapes.ts'
import { networkOfGraph } from '../../../../src-main/engine/model/graph/network-of-graph.ts'
import { fitProblem } from '../../../../src-main/engine/model/graph/run-graph.ts'
import { describeNetwork } from '../../../../src-main/engine/model/layer.ts'

/** Images of 3 channels through operations; the last one makes `y`. */
const graphOf = (operations: Operation[], size: number | null = null): Graph => ({
  layout: 'NCHW',
  input: { value: 'x', channels: 3, size },
  nodes: operations.map((operation, index) => ({
    output: index === operations.length - 1 ? 'y' : `v${index}`,
    inputs: [index === 0 ? 'x' : `v${index - 1}`],
    ...operation
  })),
  tensors: [],
  constants: new Map(),
  exits: [{ logits: 'y', features: 'y', classes: 12, featureCount: 12 }]
})
const pads = { top: 0, bottom: 0, left: 0, right: 0 }
const pool: Operation = { op: 'maxPool', kernel: [4, 4], strides: [4, 4], pads, ceil: false }

describe('a graph', () => {
  test('says which images it can not take', () => {
    const fixed = graphOf([pool, { op: 'flatten', axis: 1 }], 8)
    expect(fitProblem(fixed, [8, 8])).toBeNull()
    expect(fitProblem(fixed, [16, 16])).toBe('takes images of 8 x 8 pixels, not of 16 x 16')
    const open = graphOf([pool, { op: 'reshape', shape: [0, 12] }])
    expect(fitProblem(open, [8, 8])).toBeNull()
    expect(fitProblem(open, [8, 16])).toBe('takes square images, not such of 8 x 16 pixels')
    expect(fitProblem(open, [16, 16])).toBe(
      'can\'t take images of 16 x 16 pixels: it has the node "y" (reshape), which shapes [1, 3, 4, 4] to [0, 12]'
    )
    expect(fitProblem(open, [3, 3])).toMatch(/has the node "v0" \(maxPool\), which makes nothing of it/)
  })

  test('costs what it costs at a size that it can take', () => {
    const open = graphOf([pool, { op: 'reshape', shape: [0, 192] }])
    expect(graphCosts(open, 20).stem.size).toBe(32)
    expect(() => graphCosts(graphOf([{ op: 'reshape', shape: [0, 7] }]), 20)).toThrow(
      'The network has the node "y" (reshape), which shapes [1, 3, 20, 20] to [0, 7].'
    )
  })

  test('without exits is no network', () => {
    expect(networkOfGraph({ ...graphOf([pool]), exits: [] })).toEqual({
      network: null,
      misfit: 'has no output that can be told to be class scores.'
    })
    const { network } = networkOfGraph(graphOf([pool, { op: 'flatten', axis: 1 }]))
    expect(describeNetwork(network!)).toBe('Graph of 0 layers, 12 classes, 1 exit')
  })
})

test.each<[Operation, number[]]>([
  [{ op: 'mean', axes: [-1, -2], keepsAxes: true }, [1, 3, 1, 1]],
  [{ op: 'reshape', shape: [0, 1, -1, -2] }, [1, 1, 24, 8]],
  [{ op: 'transpose', permutation: [0, 2, 3, 1] }, [1, 8, 8, 3]],
  [{ op: 'slice', axes: [1, -1], starts: [-2, 1], ends: [9, -1], steps: [1, 3] }, [1, 2, 8, 2]],
  [{ op: 'unsqueeze', axes: [1, -1] }, [1, 1, 3, 8, 8, 1]],
  [{ op: 'pad', before: [0, 1, 0, 2], after: [0, 0, 0, 1], value: 0 }, [1, 4, 8, 11]],
  [{ op: 'resize', mode: 'nearest', scale: [1.5, 0.3] }, [1, 3, 12, 2]],
  [{ ...pool, strides: [3, 3], ceil: true }, [1, 3, 3, 3]]
])('the shape behind %j', (operation, shape) => {
  expect(graphShapes(graphOf([operation]), 8).get('y')).toEqual(shape)
})

test.each<[Operation, string]>([
  [{ op: 'mean', axes: [0], keepsAxes: true }, 'works across images, which are the first axis'],
  [{ op: 'softmax', axis: 4 }, 'has no axis 4: it gets 4 axes'],
  [{ op: 'mean', axes: [1, -3], keepsAxes: true }, 'names an axis twice: [1, -3]'],
  [
    { op: 'slice', axes: [1], starts: [0], ends: [3], steps: [-1] },
    'goes in steps of -1; steps of 1 and more are known here'
  ],
  [{ op: 'squeeze', axes: [1] }, 'drops an axis of [1, 3, 8, 8] that is longer than 1'],
  [{ op: 'linear' }, 'has no weights [out, in]'],
  [{ ...pool, pads: { ...pads, top: 4 } }, 'has padding as large as its kernel'],
  [
    { op: 'resize', mode: 'linear', scale: [1e6, 1e6] },
    'makes more of one image than memory is for: [1, 3, 8000000, 8000000]'
  ]
])('what can not be: %j', (operation, sentence) => {
  expect(() => graphShapes(graphOf([operation]), 8)).toThrow(`has the node "y" (${operation.op}), which ${sentence}`)
})
