import type { Graph } from '../model/graph/graph.ts'
import type { OpenFile } from './open-file.ts'
import type { StoredOutputs } from './outputs/stored-outputs.ts'

/** Values as they are held in memory: floats of any size as float32, I16 and I8 as int32, BOOL as bytes. */
export type TensorData = Float32Array | BigInt64Array | Int32Array | Uint8Array

/** What a file says of a tensor before its values are read. */
export type TensorHeader = {
  /** As safetensors names it, whatever the format: `F32`, `F16`, `BF16`, `F64`, `I64`, `I32`, `I16`, `I8`, `U8`, `BOOL`. */
  dtype: string
  /** In PyTorch's order of axes, whatever the format: convolutions [out, in, k, k], linear layers [out, in]. */
  shape: number[]
}

/** A tensor of a file that lies open. */
export type StoredTensor = TensorHeader & {
  /** Reads its values, in PyTorch's order of axes; only while the file is open. Throws UserError. */
  load(): Promise<TensorData>
}

/** A file as plain data. */
export type Contents = {
  /** By their names in the file, in its order. */
  tensors: Map<string, StoredTensor>
  /** Texts that the file carries beside them, by name: safetensors' metadata; `epoch` and `arch` of a PyTorch wrapper. */
  notes: Map<string, string>
  /** The computation itself, where the format holds it; `tensors` are then those that it names. */
  graph?: Graph
  /** What a network gave, where the file holds no network: labels, logits, features. */
  outputs?: StoredOutputs
  /** What is worth knowing of what was read, a sentence each. */
  remarks?: string[]
  /** Paths of further files in which its values lie. */
  parts?: string[]
}

/** A way in which checkpoints lie on disk: one folder beside this file, one line in `formats.ts`. */
export type CheckpointFormat = {
  /** For instance `pytorch-zip`. */
  name: string
  /** True where the file is of this format, damaged or not: told by its content, never by its name. */
  match(file: OpenFile): boolean | Promise<boolean>
  /** Reads all but the tensors' values. Throws UserError, one sentence that names the file and what is wrong. */
  read(file: OpenFile): Promise<Contents>
}
