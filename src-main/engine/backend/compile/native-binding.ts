import type { Tensor } from '@tensorflow/tfjs'
import type { Tfjs } from '../backend.ts'

/** One of tfjs's attributes of an operation; `type` is TensorFlow's number. */
export type Attribute = { name: string; type: number; value: unknown }

/** A tensor as the addon describes it; `dtype` is TensorFlow's number. */
export type TensorInfo = { id: number; dtype: number; shape: number[] }

/** The same of a graph's tensor; `shape` is null where it depends on values. */
export type InferredInfo = { dtype: number; shape: number[] | null }

/** A graph under construction, the addon's. */
export type NativeGraph = { readonly graph: unique symbol }

/** Output `output` of node `node` of a graph. */
export type Place = [node: number, output: number]

/** tfjs-node's addon with our extension (backend/native). Every function throws what TensorFlow says. */
export type NativeBinding = {
  TF_FLOAT: number
  TF_INT32: number
  TF_INT64: number
  TF_BOOL: number
  TF_ATTR_TYPE: number
  createTensor(shape: number[], dtype: number, values: ArrayLike<number>): number
  deleteTensor(id: number): void
  tensorDataSync(id: number): ArrayLike<number>
  executeOp(op: string, attributes: Attribute[], inputs: number[], outputs: number): TensorInfo[]

  newGraph(): NativeGraph
  addPlaceholder(graph: NativeGraph, dtype: number, shape: number[]): [InferredInfo]
  addConstant(graph: NativeGraph, dtype: number, shape: number[], bytes: Uint8Array): [InferredInfo]
  addOperation(graph: NativeGraph, op: string, inputs: Place[], attributes: Attribute[]): InferredInfo[]
  defineFunction(graph: NativeGraph, name: string, inputs: Place[], outputs: Place[], wantsXla: boolean): void
  removeFunction(name: string): void
  callFunction(
    name: string,
    inputs: number[],
    outputs: number,
    attributes: [name: string, value: Uint8Array][]
  ): Promise<TensorInfo[]>
  /** From now on TensorFlow notes the graphs that it really runs, until `collectedGraphs` gives them, as protobuf. */
  collectGraphs(): void
  collectedGraphs(): Uint8Array
}

/** What tfjs-node registers as the backend `tensorflow`. */
export type NativeKernelBackend = {
  binding: NativeBinding
  tensorMap: { get(dataId: object): { id: number; dtype: number; values: ArrayLike<number> | null } }
  getInputTensorIds(tensors: Tensor[]): number[]
  executeMultipleOutputs(op: string, attributes: Attribute[], inputs: Tensor[], outputs: number): Tensor[]
  createOutputTensor(info: TensorInfo): Tensor
  write(values: ArrayLike<number>, shape: number[], dtype: string): object
  getNumOfTFTensors(): number
}

export const nativeKernelBackend = (tf: Tfjs): NativeKernelBackend => tf.backend() as unknown as NativeKernelBackend
