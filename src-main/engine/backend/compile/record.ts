import type { Tensor } from '@tensorflow/tfjs'
import type { Tfjs } from '../backend.ts'
import {
  nativeKernelBackend,
  type Attribute,
  type InferredInfo,
  type NativeBinding,
  type NativeGraph,
  type Place,
  type TensorInfo
} from './native-binding.ts'

/** A value that was made in JavaScript while a function was recorded, and the operation that first reads it. */
export type Constant = { bytes: Uint8Array; reader: string }

/** A function as a graph: where its inputs and outputs are, and what would be the same at every call. */
export type Recording = {
  graph: NativeGraph
  inputs: Place[]
  outputs: Place[]
  /** The names of the operations, in order. */
  operations: string[]
  constants: Constant[]
}

/** What a function can't do while it is recorded, in one sentence for the programmer. */
export class RecordingError extends Error {}

/**
 * Runs `fn` once on stand-ins for tensors of the shapes of `examples`, and gives the graph of the operations that it
 * asked of TensorFlow. Nothing is computed. Throws RecordingError where `fn` reads values, or a tensor that is not an
 * input, or where a shape depends on values.
 */
export function record(tf: Tfjs, fn: (inputs: Tensor[]) => Tensor[], examples: readonly Tensor[]): Recording {
  const backend = nativeKernelBackend(tf)
  const real = backend.binding
  const recorder = new Recorder(real)
  const ownWrite = Object.getOwnPropertyDescriptor(backend, 'write')
  const write = backend.write.bind(backend)
  backend.binding = recorder.binding()
  backend.write = (values, shape, dtype) => recorder.remember(write(values, shape, dtype))
  const getInputTensorIds = backend.getInputTensorIds.bind(backend)
  backend.getInputTensorIds = (tensors) => {
    for (const { dataId } of tensors) if (dataId) recorder.requireOwn(dataId, backend.tensorMap.get(dataId))
    return getInputTensorIds(tensors)
  }
  try {
    return tf.engine().tidy(() => {
      const inputs = examples.map(({ shape, dtype }) => {
        const info = recorder.placeholder(dtypeNumber(real, dtype), shape)
        return backend.createOutputTensor(info)
      })
      const outputs = fn(inputs)
      const recording = recorder.recording(backend.getInputTensorIds(outputs))
      // Some may have been kept.
      tf.dispose(outputs)
      return recording as unknown as Tensor
    }) as unknown as Recording
  } finally {
    backend.binding = real
    if (ownWrite) Object.defineProperty(backend, 'write', ownWrite)
    else Reflect.deleteProperty(backend, 'write')
    Reflect.deleteProperty(backend, 'getInputTensorIds')
  }
}

function dtypeNumber({ TF_FLOAT, TF_INT32, TF_BOOL }: NativeBinding, dtype: string): number {
  const known: Record<string, number> = { float32: TF_FLOAT, int32: TF_INT32, bool: TF_BOOL }
  if (!Object.hasOwn(known, dtype)) throw new RecordingError(`tensors of ${dtype} can't be inputs`)
  return known[dtype]!
}

/** What TensorFlow hands from one kernel to another, of whatever shape it likes. */
const readsOpaque = new Set(['FusedBatchNormGradV3'])

const foreign = () => new RecordingError('a compiled function reads a tensor that is not one of its inputs')

/** Collects the nodes of a graph. Tensors of the graph have negative numbers, so that tfjs frees nothing for them. */
class Recorder {
  private readonly graph: NativeGraph
  private readonly places = new Map<number, Place>()
  private readonly inputs: Place[] = []
  private readonly operations: string[] = []
  private readonly constants: Constant[] = []
  private readonly unread = new Map<number, Constant>()
  /** Tensors of unknown shape, with the operation that made them. */
  private readonly opaque = new Map<number, string>()
  private readonly made = new WeakSet<object>()
  private nodes = 0
  // tfjs takes -1 for "none yet".
  private nextId = -2

  constructor(private readonly real: NativeBinding) {
    this.graph = real.newGraph()
  }

  /** The addon as `fn` sees it. */
  binding(): NativeBinding {
    const readValues = () => {
      throw new RecordingError('a compiled function reads values (dataSync); give them back as a result instead')
    }
    const replaced: Partial<NativeBinding> = {
      createTensor: this.constant.bind(this),
      executeOp: this.operation.bind(this),
      tensorDataSync: readValues
    }
    const descriptors = Object.entries(replaced).map(([name, value]) => [name, { value }] as const)
    return Object.create(this.real, Object.fromEntries(descriptors)) as NativeBinding
  }

  remember(dataId: object): object {
    this.made.add(dataId)
    return dataId
  }

  /** Throws where a tensor comes from outside: it would be the same at every call. */
  requireOwn(dataId: object, { id, values }: { id: number; values: unknown }): void {
    const isOwn = values === null ? this.places.has(id) : this.made.has(dataId)
    if (!isOwn) throw foreign()
  }

  placeholder(dtype: number, shape: number[]): TensorInfo {
    const [info] = this.real.addPlaceholder(this.graph, dtype, shape)
    const output = this.add(info, 0)
    this.inputs.push(this.places.get(output.id)!)
    this.nodes += 1
    return output
  }

  private constant(shape: number[], dtype: number, values: ArrayLike<number>): number {
    const bytes = toBytes(this.real, dtype, values)
    const [info] = this.real.addConstant(this.graph, dtype, shape, bytes)
    const { id } = this.add(info, 0)
    this.nodes += 1
    const constant = { bytes, reader: 'none' }
    this.constants.push(constant)
    this.unread.set(id, constant)
    return id
  }

  private operation(op: string, attributes: Attribute[], inputs: number[], outputs: number): TensorInfo[] {
    const places = inputs.map((id) => this.place(id, readsOpaque.has(op)))
    for (const id of inputs) this.read(id, op)
    let infos: InferredInfo[]
    try {
      infos = this.real.addOperation(this.graph, op, places, attributes)
    } catch (error) {
      throw new RecordingError(`${op} can't be compiled: ${(error as Error).message}`, { cause: error })
    }
    if (infos.length !== outputs) throw new RecordingError(`${op} gives ${infos.length} tensors, not ${outputs}`)
    const tensors = infos.map((info, output) => this.add(info, output, op))
    this.nodes += 1
    this.operations.push(op)
    return tensors
  }

  recording(outputs: number[]): Recording {
    const { graph, inputs, operations, constants } = this
    return { graph, inputs, operations, constants, outputs: outputs.map((id) => this.place(id)) }
  }

  private add({ dtype, shape }: InferredInfo, output: number, op = ''): TensorInfo {
    const id = this.nextId--
    this.places.set(id, [this.nodes, output])
    if (!shape) this.opaque.set(id, op)
    return { id, dtype, shape: shape ?? [] }
  }

  private place(id: number, mayBeOpaque = false): Place {
    const place = this.places.get(id)
    if (!place) throw foreign()
    const maker = this.opaque.get(id)
    if (maker && !mayBeOpaque)
      throw new RecordingError(`${maker} can't be compiled: the shape of its result depends on values`)
    return place
  }

  private read(id: number, op: string): void {
    const constant = this.unread.get(id)
    if (!constant) return
    constant.reader = `${op} (operation ${this.operations.length + 1})`
    this.unread.delete(id)
  }
}

/** The bytes of values as TensorFlow stores them; a copy. */
function toBytes({ TF_FLOAT, TF_BOOL }: NativeBinding, dtype: number, values: ArrayLike<number>): Uint8Array {
  // An int64 comes as the two halves of an Int32Array.
  if (ArrayBuffer.isView(values)) return new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice()
  if (dtype === TF_BOOL) return Uint8Array.from(values)
  const typed = dtype === TF_FLOAT ? Float32Array.from(values) : Int32Array.from(values)
  return new Uint8Array(typed.buffer)
}
