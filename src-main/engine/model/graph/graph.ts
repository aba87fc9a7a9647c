import type { TensorSpec } from '../tensor-specs.ts'

/**
 * A network as a graph of operations: how files that hold the computation itself (ONNX, Keras, tfjs) are run. Plain
 * data; `run-graph.ts` computes it, `graph-cost.ts` counts it.
 */
export type Graph = {
  /**
   * The order of axes of images in the file: what axis numbers, `reshape` and `transpose` mean. Whatever it is, values of
   * rank 4 lie as NHWC here while the graph runs.
   */
  layout: 'NCHW' | 'NHWC'
  /** The value that images are given as. `size` is the side that the file asks for, pixels; null where any will do. */
  input: { value: string; channels: number; size: number | null }
  /** In an order in which each node's inputs are there before it. */
  nodes: GraphNode[]
  /** Weights: values of these names, read from the checkpoint. What is trained is perturbed and differentiated. */
  tensors: TensorSpec[]
  /** Values that are no weights: what a file adds, multiplies with or reshapes to. */
  constants: Map<string, { shape: number[]; data: Float32Array }>
  /** Shallowest first. */
  exits: GraphExit[]
}

/** Values of an exit: logits [N,C], and features [N,d], what the last linear layer before them takes. */
export type GraphExit = { logits: string; features: string; classes: number; featureCount: number }

/** Zeros around an image: before and behind each axis, pixels. */
export type Pads = { top: number; bottom: number; left: number; right: number }
type Pair = [height: number, width: number]

/** Every node makes one value, `output`; `inputs` are names of values, tensors or constants. */
export type GraphNode = { output: string; inputs: string[] } & Operation

/** What a node does with its inputs, in their order. */
export type Operation =
  /** x, weight [out, in / groups, kh, kw], then bias [out] where there is one. */
  | { op: 'convolution'; strides: Pair; pads: Pads; dilations: Pair; groups: number }
  /** x, weight [in, out, kh, kw], then bias [out] where there is one; PyTorch's ConvTranspose2d. */
  | { op: 'transposedConvolution'; strides: Pair; pads: Pads; outputPads: Pair }
  /** x [N, in], weight [out, in], then bias [out] where there is one. */
  | { op: 'linear' }
  /** x, scale, shift, mean, variance, each [C]. */
  | { op: 'batchNorm'; epsilon: number }
  | { op: 'matMul' }
  | { op: 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'maximum' | 'minimum' }
  /** `gelu` is exact with erf, `geluTanh` its approximation; `hardSigmoid` is clip(alpha x + beta, 0, 1). */
  | {
      op: 'identity' | 'relu' | 'sigmoid' | 'tanh' | 'softplus' | 'swish' | 'hardSwish' | 'gelu' | 'geluTanh'
    }
  | { op: 'exp' | 'log' | 'sqrt' | 'neg' | 'abs' | 'erf' | 'reciprocal' }
  | { op: 'leakyRelu' | 'elu'; alpha: number }
  | { op: 'hardSigmoid'; alpha: number; beta: number }
  /** -Infinity and Infinity for no bound. */
  | { op: 'clip'; min: number; max: number }
  | { op: 'maxPool'; kernel: Pair; strides: Pair; pads: Pads; ceil: boolean }
  /** `countsPads`: zeros outside count in the mean. */
  | { op: 'averagePool'; kernel: Pair; strides: Pair; pads: Pads; ceil: boolean; countsPads: boolean }
  | { op: 'mean' | 'sum' | 'max'; axes: number[]; keepsAxes: boolean }
  | { op: 'softmax' | 'logSoftmax'; axis: number }
  | { op: 'concat'; axis: number }
  /** 0 keeps the axis of that place, -1 takes what is left; the first axis stays the images'. */
  | { op: 'reshape'; shape: number[] }
  /** All from `axis` on as one axis, all before it as another. */
  | { op: 'flatten'; axis: number }
  | { op: 'transpose'; permutation: number[] }
  | { op: 'squeeze' | 'unsqueeze'; axes: number[] }
  /** From `starts` to `ends` (not included) along `axes`, in `steps`. */
  | { op: 'slice'; axes: number[]; starts: number[]; ends: number[]; steps: number[] }
  /** Values before and behind each axis, in the file's order. */
  | { op: 'pad'; before: number[]; after: number[]; value: number }
  /** To `scale` times the height and width; half-pixel centres for `linear`. */
  | { op: 'resize'; mode: 'nearest' | 'linear'; scale: Pair }
