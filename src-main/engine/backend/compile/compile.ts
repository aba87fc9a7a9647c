import type { Tensor } from '@tensorflow/tfjs'
import type { Executor } from '../../../../src-shared/contract.ts'
import type { Precision } from '../../../../src-shared/run-config.ts'
import type { Backend, Tfjs } from '../backend.ts'
import { nativeKernelBackend } from './native-binding.ts'
import { record, RecordingError, type Recording } from './record.ts'
import { flatten, unflatten, type TensorTree } from './tensor-tree.ts'

/** `fn` as one call. `call` gives new tensors, the caller's; the inputs stay the caller's too. */
export type Compiled<A extends TensorTree[], R extends TensorTree> = {
  call(...args: A): Promise<R>
  /** Frees what the backend holds for it; calls under way end as usual. */
  dispose(): void
}

/** What of a backend decides how a function is compiled. */
export type CompilingBackend = Pick<Backend, 'tf' | 'executor' | 'precision'>

let defined = 0

/**
 * Makes of `fn`, a pure function of tensors, one that computes the same in one native call, for inputs of the shapes and
 * dtypes of `examples`. With the executor `eager`, which every backend has, `fn` itself is called. Throws RecordingError
 * where `fn` is not pure: where it reads values, or tensors that are no inputs, or where what it makes in JavaScript
 * (a random number, a learning rate) differs from one call to the next, which the function would freeze.
 */
export function compile<A extends TensorTree[], R extends TensorTree>(
  { tf, executor, precision }: CompilingBackend,
  fn: (...args: A) => R,
  examples: A
): Compiled<A, R> {
  if (executor === 'eager') {
    return {
      // Not async: what `fn` throws while it is called must leave nothing behind in tfjs's scopes.
      call(...args) {
        let form: R | undefined
        const tensors = tf.tidy(() => flatten((form = fn(...args))))
        return Promise.resolve(unflatten(form!, tensors))
      },
      dispose: () => undefined
    }
  }
  const inputs = examples.flatMap(flatten)
  let form: R | undefined
  const flat = (tensors: Tensor[]): Tensor[] => {
    const left = [...tensors]
    form = fn(...(examples.map((example) => unflatten(example, left)) as A))
    return flatten(form)
  }
  const recording = recordTwice(tf, flat, inputs)
  const like = form!
  const native = nativeKernelBackend(tf)
  const name = `compiled_${++defined}`
  native.binding.defineFunction(recording.graph, name, recording.inputs, recording.outputs, executor === 'xla')
  const attributes = callAttributes(executor, precision)
  return {
    async call(...args) {
      const tensors = args.flatMap(flatten)
      requireShapes(tensors, inputs)
      const ids = native.getInputTensorIds(tensors)
      const infos = await native.binding.callFunction(name, ids, recording.outputs.length, attributes)
      return unflatten(
        like,
        infos.map((info) => native.createOutputTensor(info))
      )
    },
    dispose: () => native.binding.removeFunction(name)
  }
}

/**
 * ConfigProto { graph_options { rewrite_options {...: ON} } }: TensorFlow's rewriter puts casts around what gains by them,
 * auto_mixed_precision on GPUs, auto_mixed_precision_onednn_bfloat16 on CPUs.
 */
const configs: Record<Precision, number[]> = {
  float32: [],
  float16: [0x52, 0x05, 0x52, 0x03, 0xb8, 0x01, 0x01],
  bfloat16: [0x52, 0x05, 0x52, 0x03, 0xf8, 0x01, 0x01]
}

/** With these set, even to nothing, TensorFlow optimises the graph; without them it does not. */
const callAttributes = (executor: Executor, precision: Precision): [string, Uint8Array][] =>
  executor === 'xla'
    ? []
    : [
        ['executor_type', new Uint8Array()],
        ['config_proto', Uint8Array.from(configs[precision])]
      ]

/** Records twice and compares: what was made in JavaScript must come out the same. */
function recordTwice(tf: Tfjs, fn: (inputs: Tensor[]) => Tensor[], inputs: Tensor[]): Recording {
  const first = record(tf, fn, inputs)
  const second = record(tf, fn, inputs)
  const path = first.operations.findIndex((op, index) => op !== second.operations[index])
  if (path >= 0 || first.operations.length !== second.operations.length)
    throw new RecordingError(
      `a compiled function takes another way at its second call: ${second.operations[path] ?? 'nothing'} where ${first.operations[path] ?? 'nothing'} was`
    )
  first.constants.forEach(({ bytes, reader }, index) => {
    if (!Buffer.from(bytes).equals(second.constants[index]!.bytes))
      throw new RecordingError(
        `what ${reader} reads differs from one call to the next, and would be frozen; make it an input`
      )
  })
  return first
}

function requireShapes(tensors: Tensor[], examples: Tensor[]): void {
  const describe = (tensor: Tensor | undefined) => (tensor ? `${tensor.dtype} [${tensor.shape.join(', ')}]` : 'nothing')
  const wrong = examples.findIndex((example, index) => describe(example) !== describe(tensors[index]))
  if (wrong >= 0 || tensors.length !== examples.length)
    throw new RangeError(
      `input ${wrong + 1} is ${describe(tensors[wrong])}, but the function was compiled for ${describe(examples[wrong])}`
    )
}
