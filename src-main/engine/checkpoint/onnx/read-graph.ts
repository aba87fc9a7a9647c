import { UserError } from '../../../../src-shared/errors.ts'
import { findExits } from '../../model/graph/find-exits.ts'
import type { Graph } from '../../model/graph/graph.ts'
import { GraphProblem } from '../../model/graph/problem.ts'
import type { Contents } from '../format.ts'
import { findExternal } from './external-data.ts'
import type { FileWalker } from './file-walker.ts'
import type { Fixed } from './lower/facts.ts'
import { findImageInput, type ImageInput } from './lower/image-input.ts'
import { Lowering, type Lowered, type Source } from './lower/lowering.ts'
import type { OnnxModel } from './model-proto.ts'
import type { OnnxTensor } from './tensor-proto.ts'
import { loadTensor } from './tensor-values.ts'

/** Tensors of as many numbers are read at once: they may be shapes. */
const fewNumbers = 4096
const mostNumbers = 2 ** 24
/**
 * Sides that are tried where a file takes images of any. The odd one finds what is right for even ones only; small ones
 * come late, for there are sides among them that are as long as a list of channels.
 */
const sizes = [224, 160, 97, 32, 64, 96, 128, 299, 28, 16]
const triedForAll = 3
/** With fewer convolutions nobody misses BatchNorm. */
const manyConvolutions = 5

/** A model's computation as a graph, and its weights. Throws UserError where it holds what is not known here. */
export async function readGraph(
  walker: FileWalker,
  model: OnnxModel
): Promise<Pick<Contents, 'graph' | 'tensors' | 'remarks' | 'parts'>> {
  const parts = new Set<string>()
  const source: Source = { walker, model, fixedOf: await readFew(walker, model, parts) }
  try {
    const image = findImageInput(model)
    const { lowered, size, remarks } = lowerForAll(source, image)
    const body = { ...lowered.body, constants: await lowered.weights.loadConstants() }
    const found = findExits(body, lowered.outputs, size)
    return {
      graph: found.graph,
      tensors: lowered.weights.stored,
      ...(parts.size > 0 ? { parts: [...parts] } : {}),
      remarks: [...remarks, ...found.remarks, ...remarksOn(found.graph)]
    }
  } catch (error) {
    if (!(error instanceof GraphProblem)) throw error
    throw new UserError(`${walker.file.path} ${error.message}.`)
  }
}

/** Reads all small tensors, and says of each tensor what is known; adds to `parts` the other files that hold some. */
async function readFew(
  walker: FileWalker,
  { initializers, nodes }: OnnxModel,
  parts: Set<string>
): Promise<Source['fixedOf']> {
  const attributes = nodes.flatMap(({ attributes }) => [...attributes.values()].flatMap(({ tensor }) => tensor ?? []))
  const read = new Map<OnnxTensor, Float32Array | Float64Array>()
  let left = mostNumbers
  for (const tensor of [...initializers.values(), ...attributes]) {
    if (tensor.external) parts.add(await findExternal(walker, tensor))
    if (tensor.count > fewNumbers || tensor.count > left) continue
    left -= tensor.count
    read.set(tensor, await loadTensor(walker, tensor))
  }
  return (name, tensor): Fixed => ({
    kind: 'fixed',
    name,
    shape: tensor.dims,
    isInteger: tensor.type.isInteger,
    data: read.get(tensor) ?? null,
    source: tensor,
    isTurned: false
  })
}

/** The graph, for images of the size that the file asks for, or of all sizes where it asks for none. */
function lowerForAll(source: Source, image: ImageInput): { lowered: Lowered; size: number; remarks: string[] } {
  const lower = (size: number): Lowered => new Lowering(source, image).run(size)
  if (image.size !== null) return { lowered: lower(image.size), size: image.size, remarks: [] }
  const found: { size: number; lowered: Lowered }[] = []
  let problem: GraphProblem | null = null
  for (const size of sizes) {
    if (found.length === triedForAll) break
    try {
      found.push({ size, lowered: lower(size) })
    } catch (error) {
      if (!(error instanceof GraphProblem)) throw error
      problem ??= error
    }
  }
  const [first, ...others] = found
  if (!first) throw problem!
  const { size, lowered } = first
  const text = describe(lowered)
  if (others.length && others.every((other) => describe(other.lowered) === text)) return { lowered, size, remarks: [] }
  const body = { ...lowered.body, input: { ...lowered.body.input, size } }
  const remark = `The file takes images of any size, but reckons with it: here it takes ${size} x ${size} pixels.`
  return { lowered: { ...lowered, body }, size, remarks: [remark] }
}

/** All that may depend on the size of images, as text. */
const describe = ({ body, weights }: Lowered): string =>
  JSON.stringify([body.nodes, body.tensors, weights.reckoned()], (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
  )

function remarksOn({ nodes, tensors }: Graph): string[] {
  const convolutions = nodes.filter(({ op }) => op === 'convolution')
  const biases = convolutions.filter(({ inputs }) => inputs.length === 3).length
  if (nodes.some(({ op }) => op === 'batchNorm') || convolutions.length < manyConvolutions) return []
  if (biases < convolutions.length || !tensors.length) return []
  return [
    `It has ${convolutions.length} convolutions with biases and no BatchNorm: where the network had some, it was folded into them when the file was written.`
  ]
}
