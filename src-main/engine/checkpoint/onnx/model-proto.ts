import { UserError } from '../../../../src-shared/errors.ts'
import { quote } from '../../pickle/values.ts'
import { asNumber, asSpan, type FileWalker, type Span } from './file-walker.ts'
import { readNode, type OnnxNode } from './node-proto.ts'
import { readEntry, readTensor, type OnnxTensor } from './tensor-proto.ts'

/** A value that a graph takes or gives: its type's number, and its axes, null where any length will do. */
export type ValueInfo = { name: string; type: number; dims: (number | null)[] | null }

/** A ModelProto: all that is needed of it. */
export type OnnxModel = {
  producer: string
  /** Version of the standard operators. */
  opset: number
  nodes: OnnxNode[]
  initializers: Map<string, OnnxTensor>
  inputs: ValueInfo[]
  outputs: ValueInfo[]
  metadata: Map<string, string>
}

const mostNodes = 50_000
const mostTensors = 100_000
const mostEnds = 1000
const mostMetadata = 200
const highestRank = 8
/** Versions of the operators that are known here. */
const [oldest, newest] = [7, 23]

/** Reads a model's heads, no weights. Throws UserError. */
export async function readModel(walker: FileWalker): Promise<OnnxModel> {
  const { path, size } = walker.file
  let graph: Span | null = null
  let opset: number | null = null
  const producer = ['', '']
  const metadata = new Map<string, string>()
  for await (const field of walker.fields({ start: 0, end: size })) {
    if (field.id === 7) {
      if (graph) throw walker.damaged('it holds two graphs')
      graph = asSpan(walker, field, 'its graph')
    } else if (field.id === 8) {
      const found = await readOpset(walker, asSpan(walker, field, 'a version'))
      if (found.domain === '' || found.domain === 'ai.onnx') opset = found.version
    } else if (field.id === 2 || field.id === 3)
      producer[field.id - 2] = await walker.text(asSpan(walker, field, 'its producer'))
    else if (field.id === 14 && metadata.size < mostMetadata) {
      const [key, value] = await readEntry(walker, asSpan(walker, field, 'a note'))
      metadata.set(key, value)
    }
  }
  if (!graph) throw walker.damaged('it holds no graph')
  if (opset === null) throw walker.damaged('it does not say which version of the operators it uses')
  if (opset < oldest || opset > newest)
    throw new UserError(
      `${path} uses version ${opset} of the ONNX operators; ${oldest} to ${newest} are known here: export it with one of these.`
    )
  return { producer: producer.join(' ').trim(), opset, metadata, ...(await readGraph(walker, graph)) }
}

async function readOpset(walker: FileWalker, span: Span): Promise<{ domain: string; version: number }> {
  let [domain, version] = ['', 0]
  for await (const field of walker.fields(span)) {
    if (field.id === 1) domain = await walker.text(asSpan(walker, field, 'a domain'))
    else if (field.id === 2) version = asNumber(walker, field, 'a version')
  }
  return { domain, version }
}

async function readGraph(
  walker: FileWalker,
  span: Span
): Promise<Pick<OnnxModel, 'nodes' | 'initializers' | 'inputs' | 'outputs'>> {
  const nodes: OnnxNode[] = []
  const initializers = new Map<string, OnnxTensor>()
  const [inputs, outputs]: [ValueInfo[], ValueInfo[]] = [[], []]
  for await (const field of walker.fields(span)) {
    switch (field.id) {
      case 1:
        if (nodes.length >= mostNodes) throw walker.damaged(`it has more than ${mostNodes} nodes`)
        nodes.push(await readNode(walker, asSpan(walker, field, 'a node')))
        break
      case 5: {
        const tensor = await readTensor(walker, asSpan(walker, field, 'a tensor'))
        if (initializers.has(tensor.name)) throw walker.damaged(`it has two tensors ${quote(tensor.name)}`)
        if (initializers.size >= mostTensors) throw walker.damaged(`it has more than ${mostTensors} tensors`)
        initializers.set(tensor.name, tensor)
        break
      }
      case 11:
      case 12: {
        const list = field.id === 11 ? inputs : outputs
        // Old files name every weight as an input too.
        if (list.length >= (field.id === 11 ? mostTensors : mostEnds))
          throw walker.damaged(`it has more than ${list.length} inputs or outputs`)
        list.push(await readValueInfo(walker, asSpan(walker, field, 'an input')))
        break
      }
      case 15:
        throw new UserError(`${walker.file.path} has sparse tensors, which are not known here.`)
    }
  }
  return { nodes, initializers, inputs, outputs }
}

async function readValueInfo(walker: FileWalker, span: Span): Promise<ValueInfo> {
  const info: ValueInfo = { name: '', type: 0, dims: null }
  for await (const field of walker.fields(span)) {
    if (field.id === 1) info.name = await walker.text(asSpan(walker, field, 'a name'))
    else if (field.id === 2)
      for await (const kind of walker.fields(asSpan(walker, field, 'a type')))
        if (kind.id === 1)
          for await (const part of walker.fields(asSpan(walker, kind, 'a type'))) {
            if (part.id === 1) info.type = asNumber(walker, part, 'a type')
            else if (part.id === 2) info.dims = await readDims(walker, asSpan(walker, part, 'a shape'))
          }
  }
  return info
}

async function readDims(walker: FileWalker, span: Span): Promise<(number | null)[]> {
  const dims: (number | null)[] = []
  for await (const field of walker.fields(span)) {
    if (field.id !== 1) continue
    if (dims.length >= highestRank) throw walker.damaged(`a value has more than ${highestRank} axes`)
    let length: number | null = null
    for await (const part of walker.fields(asSpan(walker, field, 'a length')))
      if (part.id === 1) length = asNumber(walker, part, 'a length')
    // 0 and -1 are what some programs write for a length that is not known.
    dims.push(length !== null && length > 0 ? length : null)
  }
  return dims
}
