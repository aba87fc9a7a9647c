import type { TensorSpec } from '../tensor-specs.ts'

/**
 * A network as a graph of operations: how files that hold the computation itself (ONNX, Keras, tfjs) are run. Plain
 * data; `findExits` finds its exits, `networkOfGraph` makes a network of it, `runGraph` computes it.
 *
 * A value is what a node makes of the images: its first axis is theirs, always, and no node may touch it. Shapes and axes
 * are the file's, in the order of `layout`; how values lie in memory is `runGraph`'s affair.
 */
export type Graph = GraphBody & {
  /** Shallowest first once `networkOfGraph` has seen it. */
  exits: GraphExit[]
}

/** A graph before its exits are known. */
export type GraphBody = {
  /** Where the file has the channels of images: NCHW [N,C,H,W], NHWC [N,H,W,C]. */
  layout: 'NCHW' | 'NHWC'
  /**
   * The value that images are given as, in the order of `layout`. `size` is the side that the file asks for, pixels; null
   * where any will do that the operations can take.
   */
  input: { value: string; channels: number; size: number | null }
  /** In an order in which each node's inputs are there before it. No two make the same value. */
  nodes: GraphNode[]
  /**
   * Weights, read from the checkpoint by these names, which no value has. Roles decide what is perturbed (convolution,
   * linear) and differentiated (all but statistic). Readers set `stage` to 0 and `part` to `backbone`: `networkOfGraph`
   * puts each where the first exit is that depends on it.
   */
  tensors: TensorSpec[]
  /** Inputs that are no weights, by names of their own: what a file adds or multiplies with. */
  constants: Map<string, { shape: number[]; data: Float32Array }>
}

/** Values of an exit: logits [N,C], and features [N,d], what the last linear layer before them takes. */
export type GraphExit = { logits: string; features: string; classes: number; featureCount: number }

/** Zeros around an image: before and behind each axis, pixels. */
export type Pads = { top: number; bottom: number; left: number; right: number }
/** Of both axes of an image. */
export type Pair = [height: number, width: number]

/** Every node makes one value, `output`; `inputs` are names of values, tensors or constants. */
export type GraphNode = { output: string; inputs: string[] } & Operation

/** Operations of two inputs. */
export type BinaryName = 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'maximum' | 'minimum'

/** Operations that make of each number another one, and know no settings. */
export type UnaryName =
  | ('identity' | 'relu' | 'sigmoid' | 'tanh' | 'softplus' | 'swish' | 'hardSwish' | 'gelu' | 'geluTanh')
  | ('exp' | 'log' | 'sqrt' | 'neg' | 'abs' | 'erf' | 'reciprocal')

/**
 * What a node does with its inputs, in their order. `x` is a value; weights are tensors or constants in PyTorch's layout.
 * Axes count from 0, or from the end where negative.
 */
export type Operation =
  /** x of rank 4, weight [out, in / groups, kh, kw], then bias [out] where there is one. */
  | { op: 'convolution'; strides: Pair; pads: Pads; dilations: Pair; groups: number }
  /**
   * x of rank 4, weight [in, out, kh, kw], then bias [out] where there is one; PyTorch's ConvTranspose2d with one group: a
   * side becomes (H - 1) stride + k - both pads + outputPads, the last behind it. Both strides must be the same.
   */
  | { op: 'transposedConvolution'; strides: Pair; pads: Pads; outputPads: Pair }
  /** x [N, ..., in], weight [out, in], then bias [out] where there is one. */
  | { op: 'linear' }
  /** x of rank 2 to 5, scale, shift, mean, variance, each [C]; of the axis of `layout`'s channels, the last one of rank 2. */
  | { op: 'batchNorm'; epsilon: number }
  /** Of two values of the same rank, 3 or more; or of a value and a constant [in, out]. */
  | { op: 'matMul' }
  /** Of two inputs, NumPy's broadcasting; two values must have the same rank, anything else at most the value's. */
  | { op: BinaryName }
  /** `gelu` is exact with erf, `geluTanh` its approximation; `swish` is x sigmoid(x), `hardSwish` x clip(x / 6 + 1/2, 0, 1). */
  | { op: UnaryName }
  | { op: 'leakyRelu' | 'elu'; alpha: number }
  /** clip(alpha x + beta, 0, 1). */
  | { op: 'hardSigmoid'; alpha: number; beta: number }
  /** -Infinity and Infinity for no bound. */
  | { op: 'clip'; min: number; max: number }
  /** x of rank 4. `ceil`: a window may reach over the far edge, if it begins before it. Pads are smaller than the kernel. */
  | { op: 'maxPool'; kernel: Pair; strides: Pair; pads: Pads; ceil: boolean }
  /** The same; `countsPads`: the zeros of `pads` count in the mean. */
  | { op: 'averagePool'; kernel: Pair; strides: Pair; pads: Pads; ceil: boolean; countsPads: boolean }
  | { op: 'mean' | 'sum' | 'max'; axes: number[]; keepsAxes: boolean }
  | { op: 'softmax' | 'logSoftmax'; axis: number }
  /** Of values of the same rank. */
  | { op: 'concat'; axis: number }
  /**
   * To `shape`, the images' axis included as its first entry, which must be 0. Elsewhere 0 keeps the axis of that place, -1
   * takes what is left (once), -2 keeps the axis of x that is as far from the end.
   */
  | { op: 'reshape'; shape: number[] }
  /** All from `axis` on (1 or more) as one axis; the axes before it stay. */
  | { op: 'flatten'; axis: number }
  /** Axis i of what it makes is x's axis permutation[i]; permutation[0] is 0. */
  | { op: 'transpose'; permutation: number[] }
  /** `unsqueeze`: axes as they count in what it makes. */
  | { op: 'squeeze' | 'unsqueeze'; axes: number[] }
  /** From `starts` to `ends` (not included) along `axes`, in `steps` of 1 or more; negative ones count from the end. */
  | { op: 'slice'; axes: number[]; starts: number[]; ends: number[]; steps: number[] }
  /** So many `value` before and behind each axis, one entry per axis of x. */
  | { op: 'pad'; before: number[]; after: number[]; value: number }
  /**
   * x of rank 4, to floor(`scale` times the height and width). `nearest` takes pixel floor(i / scale), `linear` has
   * half-pixel centres.
   */
  | { op: 'resize'; mode: 'nearest' | 'linear'; scale: Pair }
