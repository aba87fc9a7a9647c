import { quote } from '../../pickle/values.ts'
import { asNumber, asSpan, type FileWalker, type Span } from './file-walker.ts'
import { readTensor, type OnnxTensor } from './tensor-proto.ts'

/** An attribute of a node; a graph within it is not read. */
export type Attribute = {
  number: number | null
  text: string | null
  numbers: number[]
  tensor: OnnxTensor | null
  isGraph: boolean
  /** Says that the value comes from a function's caller. */
  isReference: boolean
}

/** A NodeProto. */
export type OnnxNode = {
  name: string
  op: string
  domain: string
  inputs: string[]
  outputs: string[]
  attributes: Map<string, Attribute>
}

const mostNames = 10_000
const mostAttributes = 100
const mostNumbers = 65_536

/** Reads a node. Throws UserError. */
export async function readNode(walker: FileWalker, span: Span): Promise<OnnxNode> {
  const node: OnnxNode = { name: '', op: '', domain: '', inputs: [], outputs: [], attributes: new Map() }
  for await (const field of walker.fields(span)) {
    if (field.id > 5 && field.id !== 7) continue
    const part = asSpan(walker, field, 'a part of a node')
    if (field.id === 5) {
      const [name, attribute] = await readAttribute(walker, part)
      if (node.attributes.has(name)) throw walker.damaged(`a node has two attributes ${quote(name)}`)
      if (node.attributes.size >= mostAttributes) throw walker.damaged('a node has too many attributes')
      node.attributes.set(name, attribute)
      continue
    }
    const text = await walker.text(part)
    if (field.id === 1 || field.id === 2) {
      const names = field.id === 1 ? node.inputs : node.outputs
      if (names.length >= mostNames) throw walker.damaged(`a node has more than ${mostNames} inputs`)
      names.push(text)
    } else if (field.id === 3) node.name = text
    else if (field.id === 4) node.op = text
    else node.domain = text
  }
  return node
}

async function readAttribute(walker: FileWalker, span: Span): Promise<[string, Attribute]> {
  let name = ''
  const attribute: Attribute = {
    number: null,
    text: null,
    numbers: [],
    tensor: null,
    isGraph: false,
    isReference: false
  }
  for await (const field of walker.fields(span)) {
    switch (field.id) {
      case 1:
        name = await walker.text(asSpan(walker, field, 'a name'))
        break
      case 2:
      case 3:
        attribute.number = asNumber(walker, field, 'an attribute')
        break
      case 4:
        attribute.text = await walker.text(asSpan(walker, field, 'an attribute'))
        break
      case 5:
        attribute.tensor = await readTensor(walker, asSpan(walker, field, 'an attribute'))
        break
      case 6:
      case 11:
        attribute.isGraph = true
        break
      case 7:
        await readFloats(walker, field, attribute.numbers)
        break
      case 8:
        await walker.integers(field, attribute.numbers, mostNumbers)
        break
      case 21:
        attribute.isReference = true
        break
    }
  }
  return [name, attribute]
}

async function readFloats(
  walker: FileWalker,
  field: { kind: string; value?: number } & Partial<Span>,
  into: number[]
): Promise<void> {
  if (field.kind !== 'bytes') into.push(field.value ?? 0)
  else {
    const span = { start: field.start!, end: field.end! }
    const length = span.end - span.start
    if (length % 4 !== 0 || length > 4 * mostNumbers) throw walker.damaged('a list of numbers is damaged')
    into.push(...new Float32Array((await walker.bytes(span)).buffer))
  }
  if (into.length > mostNumbers) throw walker.damaged(`a list has more than ${mostNumbers} numbers`)
}
