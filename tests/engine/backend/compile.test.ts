import type { Tensor, Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs'
import fc from 'fast-check'
import { beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBackend } from '../../../src-main/engine/backend/choose.ts'
import { compileByShape } from '../../../src-main/engine/backend/compile/by-shape.ts'
import { compile } from '../../../src-main/engine/backend/compile/compile.ts'
import { nativeKernelBackend, type Attribute } from '../../../src-main/engine/backend/compile/native-binding.ts'
import type { TensorTree } from '../../../src-main/engine/backend/compile/tensor-tree.ts'
import { opsOf } from '../../../src-main/engine/backend/ops/ops.ts'
import type { Executor } from '../../../src-shared/contract.ts'

let backend: Backend
let tf: Backend['tf']
let before = { native: 0, tfjs: 0 }
const counts = () => ({ native: backend.tensorCount(), tfjs: tf.memory().numTensors })

beforeAll(async () => {
  backend = await openBackend('native')
  tf = backend.tf
})
beforeEach(() => (before = counts()))
afterEach(() => expect(counts()).toEqual(before))

/** An operation of TensorFlow's that tfjs itself does not call so. */
const raw = (op: string, attributes: Attribute[], inputs: Tensor[]) =>
  nativeKernelBackend(tf).executeMultipleOutputs(op, attributes, inputs, 1)[0]!

const values = (count: number, seed = 1) => Float32Array.from({ length: count }, (_, at) => Math.sin(seed + at * 1.7))

/** What `fn` gives on `inputs`, as numbers; everything made on the way is freed. */
async function run(executor: Executor, fn: (...inputs: Tensor[]) => Tensor[], inputs: Tensor[]): Promise<number[][]> {
  const compiled = compile({ ...backend, executor }, fn, inputs)
  try {
    const results = await compiled.call(...inputs)
    const numbers = results.map((tensor) => [...tensor.dataSync()])
    tf.dispose(results)
    return numbers
  } finally {
    compiled.dispose()
  }
}

function expectClose(actual: number[][], expected: number[][]): void {
  expect(actual).toHaveLength(expected.length)
  actual.forEach((one, index) => {
    expect(one).toHaveLength(expected[index]!.length)
    one.forEach((value, at) => expect(value).toBeCloseTo(expected[index]![at]!, 4))
  })
}

describe.each(['graph', 'xla'] as const)('%s gives what calling the function gives', (executor) => {
  const both = async (shape: number[], fn: (...inputs: Tensor[]) => Tensor[]) => {
    const count = shape.reduce((a, b) => a * b, 1)
    const inputs = [tf.tensor(values(count), shape), tf.tensor(values(count, 2), shape)]
    try {
      expectClose(await run(executor, fn, inputs), await run('eager', fn, inputs))
    } finally {
      tf.dispose(inputs)
    }
  }

  test.each<[string, number[], (a: Tensor, b: Tensor) => Tensor[]]>([
    ['sums', [2, 3], (a, b) => [tf.add(a, b), tf.sub(a, 1), tf.addN([a, b, a])]],
    ['products', [3, 3], (a, b) => [tf.matMul(a as Tensor2D, b as Tensor2D, false, true), tf.mul(a, b)]],
    ['scalars', [], (a, b) => [tf.exp(a), tf.maximum(a, b)]],
    ['nothing at all', [0, 3], (a) => [tf.mul(a, 2)]],
    ['reductions', [4, 5], (a) => [tf.sum(a), tf.mean(a, 0), tf.max(a, 1), tf.argMax(a, 1)]],
    ['shapes', [2, 6], (a, b) => [tf.reshape(a, [3, 4]), tf.transpose(a), tf.concat([a, b], 1), tf.stack([a, b])]],
    [
      'slices',
      [4, 4],
      (a) => [
        tf.slice(a, [1, 0], [2, 3]),
        tf.pad(a, [
          [1, 0],
          [0, 2]
        ]),
        ...tf.split(a, 2, 1)
      ]
    ],
    ['softmax', [3, 7], (a) => [tf.softmax(a as Tensor2D), tf.logSoftmax(a as Tensor2D)]],
    [
      'comparisons',
      [3, 3],
      (a, b) => [tf.greater(a, b), tf.where(tf.less(a, b), a, b), tf.cast(tf.equal(a, a), 'int32')]
    ],
    ['the same tensor twice, and an input as it is', [2, 2], (a) => [tf.square(a), a, tf.add(a, a)]]
  ])('%s', (_, shape, fn) => both(shape, fn as (...inputs: Tensor[]) => Tensor[]))

  test('gradients of a convolution, BatchNorm, ReLU and cross entropy', () =>
    both([2, 4, 4, 3], (a, b) => {
      const ops = opsOf(backend)
      const { grads } = tf.engine().gradients(() => {
        const weight = tf.reshape(tf.slice(b, [0, 0, 0, 0], [1, 3, 3, 3]), [3, 3, 3, 1]) as Tensor4D
        const x = ops.conv2d(a as Tensor4D, weight, { stride: 1, padding: 1, needsInputGradient: true })
        const { y, mean, variance } = ops.batchNormTrain(x, tf.ones([1]) as Tensor1D, tf.zeros([1]) as Tensor1D)
        tf.dispose([mean, variance])
        const logits = tf.reshape(ops.relu(y), [2, 16]) as Tensor2D
        return ops.softmaxCrossEntropy(logits, tf.oneHot(tf.tensor1d([3, 5], 'int32'), 16).toFloat() as Tensor2D)
      }, [a, b])
      return grads
    }))

  test('any shape (property)', async () => {
    const shape = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(shape, fc.nat(3), async (sizes, axis) => {
        const on = Math.min(axis, sizes.length - 1)
        await both(sizes, (a, b) => [tf.mean(tf.mul(a, b), on), tf.concat([a, b], on), tf.sub(a, tf.max(b, on, true))])
      }),
      { numRuns: executor === 'xla' ? 5 : 25 }
    )
  })
})

describe('what would be frozen is refused', () => {
  const refusal = (fn: (...inputs: Tensor[]) => Tensor[]) => {
    const input = tf.tensor1d(values(4))
    try {
      compile({ ...backend, executor: 'graph' }, fn, [input])
    } catch (error) {
      return (error as Error).message
    } finally {
      input.dispose()
    }
    throw new Error('it was accepted')
  }

  test('a dropout mask', () => {
    expect(refusal((x) => [tf.mul(x!, tf.randomUniform([4]))])).toBe(
      'what Mul (operation 1) reads differs from one call to the next, and would be frozen; make it an input'
    )
  })

  test('a learning rate that moves on', () => {
    let rate = 1
    expect(refusal((x) => [tf.mul(tf.neg(x!), (rate /= 2))])).toContain('Mul (operation 2) reads differs')
  })

  test('another way at the second call', () => {
    let calls = 0
    expect(refusal((x) => [calls++ ? tf.exp(x!) : tf.sin(x!)])).toContain(
      'takes another way at its second call: Exp where Sin was'
    )
  })

  test('a tensor from outside, read or not yet written to TensorFlow', () => {
    for (const isWritten of [false, true]) {
      const outside = tf.tensor1d(values(4))
      if (isWritten) tf.dispose(tf.neg(outside))
      expect(refusal((x) => [tf.add(x!, outside)])).toBe(
        'a compiled function reads a tensor that is not one of its inputs'
      )
      outside.dispose()
    }
  })

  test('values that are read', () => {
    expect(refusal((x) => [tf.mul(x!, x!.dataSync()[0]!)])).toContain('reads values')
    expect(refusal((x) => [tf.mul(x!, tf.neg(x!).dataSync()[0]!)])).toContain('reads values')
  })

  test('a shape that depends on values', () => {
    const where = (x: Tensor) => {
      const { binding } = nativeKernelBackend(tf)
      return raw('Where', [{ name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT }], [x])
    }
    expect(refusal((x) => [tf.neg(where(x!))])).toBe(
      "Where can't be compiled: the shape of its result depends on values"
    )
  })
})

describe('a compiled function', () => {
  const double = (x: Tensor) => [tf.mul(x, 2)]

  test('takes and gives trees of tensors', async () => {
    const fn = ({ a, list }: { a: Tensor; list: Tensor[] }, map: Map<string, Tensor>) => ({
      sum: tf.addN([a, ...list, ...map.values()]),
      map: new Map([...map].map(([name, tensor]) => [name, tf.neg(tensor)]))
    })
    const one = tf.scalar(1)
    const args: Parameters<typeof fn> = [{ a: one, list: [one, one] }, new Map([['b', one]])]
    for (const executor of ['eager', 'graph'] as const) {
      const compiled = compile<Parameters<typeof fn>, ReturnType<typeof fn>>({ ...backend, executor }, fn, args)
      const { sum, map } = await compiled.call(...args)
      expect(sum.dataSync()[0]).toBe(4)
      expect([...map].map(([name, tensor]) => [name, tensor.dataSync()[0]])).toEqual([['b', -1]])
      tf.dispose([sum, ...map.values()])
      compiled.dispose()
    }
    one.dispose()
  })

  test('keeps its inputs alive while it runs', async () => {
    const x = tf.tensor1d(values(1000))
    const expected = values(1000)[999]! * 2
    const compiled = compile<Tensor[], Tensor[]>({ ...backend, executor: 'graph' }, (input) => double(input!), [x])
    const running = compiled.call(x)
    x.dispose()
    const [result] = await running
    expect(result!.dataSync()[999]).toBeCloseTo(expected, 5)
    result!.dispose()
    compiled.dispose()
  })

  test('refuses inputs of other shapes', async () => {
    const [x, y] = [tf.zeros([2]), tf.zeros([3])]
    const compiled = compile<Tensor[], Tensor[]>({ ...backend, executor: 'graph' }, (input) => double(input!), [x])
    await expect(async () => compiled.call(y)).rejects.toThrow(
      'input 1 is float32 [3], but the function was compiled for float32 [2]'
    )
    tf.dispose([x, y])
    compiled.dispose()
  })

  test('is compiled anew for each set of shapes, once', async () => {
    let records = 0
    const compiled = compileByShape({ ...backend, executor: 'graph' }, (x: Tensor): TensorTree => {
      records += 1
      return double(x)
    })
    for (const size of [2, 3, 2, 3]) {
      const x = tf.ones([size])
      const [result] = (await compiled.call(x)) as Tensor[]
      expect([...result!.dataSync()]).toEqual(Array.from({ length: size }, () => 2))
      tf.dispose([x, result!])
    }
    expect(records).toBe(4)
    compiled.dispose()
  })

  test('throws what TensorFlow says of values that it refuses, and leaks nothing', async () => {
    const [x, at] = [tf.zeros([3]), tf.tensor1d([7], 'int32')]
    const compiled = compile<Tensor[], Tensor[]>(
      { ...backend, executor: 'graph' },
      (table, index) => {
        const { TF_ATTR_TYPE: type, TF_FLOAT, TF_INT32 } = nativeKernelBackend(tf).binding
        const attributes = { Tparams: TF_FLOAT, Tindices: TF_INT32, Taxis: TF_INT32 }
        const listed = Object.entries(attributes).map(([name, value]) => ({ name, type, value }))
        return [raw('GatherV2', listed, [table!, index!, tf.scalar(0, 'int32')])]
      },
      [x, at]
    )
    await expect(compiled.call(x, at)).rejects.toThrow(/7 is not in \[0, 3\)/)
    tf.dispose([x, at])
    compiled.dispose()
  })

  test('is gone once disposed of, and its inputs must be there', async () => {
    const x = tf.tensor1d(values(3))
    const compiled = compile<Tensor[], Tensor[]>({ ...backend, executor: 'graph' }, (input) => double(input!), [x])
    compiled.dispose()
    await expect(compiled.call(x)).rejects.toThrow(/compiled_\d+/)
    expect(() => compiled.dispose()).toThrow()
    x.dispose()
  })

  test('is optimised by TensorFlow: convolution, BatchNorm and ReLU become one operation', async () => {
    const { binding } = nativeKernelBackend(tf)
    const ops = opsOf(backend)
    const inputs = [tf.ones([2, 8, 8, 3]), tf.ones([3, 3, 3, 4]), tf.ones([4])]
    const fn = (x: Tensor, w: Tensor, c: Tensor) => {
      const y = ops.conv2d(x as Tensor4D, w as Tensor4D, { stride: 1, padding: 1, needsInputGradient: false })
      const moment = c as Tensor1D
      return [ops.relu(ops.batchNormEvaluate(y, moment, moment, moment, moment))]
    }
    const compiled = compile({ ...backend, executor: 'graph' }, fn, inputs as [Tensor, Tensor, Tensor])
    binding.collectGraphs()
    const results = await compiled.call(...(inputs as [Tensor, Tensor, Tensor]))
    expect(Buffer.from(binding.collectedGraphs()).includes('_FusedConv2D')).toBe(true)
    tf.dispose([...inputs, ...results])
    compiled.dispose()
  })
})

describe('the addon', () => {
  test('throws for what is no graph, no tensor of it, no bytes', () => {
    const { binding } = nativeKernelBackend(tf)
    const { TF_FLOAT } = binding
    const graph = binding.newGraph()
    expect(() => binding.addPlaceholder({} as never, TF_FLOAT, [])).toThrow('this is no graph')
    expect(() => binding.addPlaceholder(graph, TF_FLOAT, 3 as never)).toThrow()
    expect(() => binding.addOperation(graph, 'Neg', [[0, 0]], [])).toThrow('a graph has no such tensor')
    expect(() => binding.addConstant(graph, TF_FLOAT, [2], new Uint8Array(3))).toThrow('do not fit its shape')
    expect(() => binding.addConstant(graph, TF_FLOAT, [2], 'x' as never)).toThrow('typed array')
    expect(() => binding.addOperation(graph, 'NoSuchOp', [], [])).toThrow(/NoSuchOp/)
    expect(() => binding.addOperation(binding.newGraph(), 'Neg', [], [])).toThrow()
    expect(() => binding.removeFunction('nothing')).toThrow()
    expect(() => binding.callFunction('nothing', [12345678], 1, [])).toThrow('has been disposed of')
  })
})
