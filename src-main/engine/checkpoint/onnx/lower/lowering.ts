import type { GraphBody, GraphNode, Operation } from '../../../model/graph/graph.ts'
import { requireNumbers } from '../../../model/graph/graph-shapes.ts'
import { outputShape } from '../../../model/graph/output-shape.ts'
import { GraphProblem } from '../../../model/graph/problem.ts'
import { quote } from '../../../pickle/values.ts'
import type { FileWalker } from '../file-walker.ts'
import type { OnnxModel } from '../model-proto.ts'
import type { OnnxNode } from '../node-proto.ts'
import type { OnnxTensor } from '../tensor-proto.ts'
import { Call } from './call.ts'
import type { Fact, Fixed, Value } from './facts.ts'
import { foldNode } from './fold.ts'
import type { ImageInput } from './image-input.ts'
import { operators } from './operators.ts'
import { WeightTable } from './weights.ts'

/** What lowering gives: the graph without constants' numbers, which `weights` loads, and its outputs by the file's names. */
export type Lowered = { body: GraphBody; outputs: { name: string; value: string }[]; weights: WeightTable }

/** A file's model, and its tensors as far as they have been read. */
export type Source = { walker: FileWalker; model: OnnxModel; fixedOf(name: string, tensor: OnnxTensor): Fixed }

/** One node may become several. */
const mostNodes = 60_000

/** Turns the nodes of a file into operations, for images of one size. */
export class Lowering {
  readonly opset: number
  readonly weights: WeightTable
  readonly #source: Source
  readonly #model: OnnxModel
  readonly #image: ImageInput
  readonly #facts = new Map<string, Fact>()
  readonly #nodes: GraphNode[] = []
  readonly #makers = new Map<string, GraphNode>()
  readonly #shapes = new Map<string, number[]>()
  readonly #readers = new Map<string, number>()
  /** Names of the file; steps in between get others. */
  readonly #taken = new Set<string>()

  constructor(source: Source, image: ImageInput) {
    const { model } = source
    this.#source = source
    this.#model = model
    this.#image = image
    this.opset = model.opset
    const count = (name: string): void => void this.#readers.set(name, this.readersOf(name) + 1)
    for (const { inputs, outputs } of model.nodes) {
      inputs.forEach(count)
      for (const name of outputs) this.#taken.add(name)
    }
    for (const { name } of model.outputs) count(name)
    this.#taken.add(image.name)
    this.weights = new WeightTable(source.walker, (name) => this.#taken.has(name))
    for (const [name, tensor] of model.initializers) this.#facts.set(name, source.fixedOf(name, tensor))
  }

  /** Lowers all nodes for images of `size` pixels. Throws GraphProblem. */
  run(size: number): Lowered {
    const { channels, order, name } = this.#image
    const images: Value = { kind: 'value', name, shape: [1, channels, size, size] }
    this.#shapes.set(name, images.shape)
    // Whatever the images are given as, ONNX's operators take channels first.
    if (order === 'NHW') this.#facts.set(name, this.emit({ op: 'squeeze', axes: [1] }, [name], name))
    else if (order === 'NHWC')
      this.#facts.set(name, this.emit({ op: 'transpose', permutation: [0, 2, 3, 1] }, [name], name))
    else this.#facts.set(name, images)
    for (const node of this.#model.nodes) this.#lower(node)
    const outputs = this.#model.outputs.flatMap(({ name: output }) => {
      const fact = this.#facts.get(output)
      if (!fact) throw new GraphProblem(`has the output ${quote(output)}, which nothing makes`)
      if (fact.kind === 'fixed') return []
      return [{ name: output, value: fact.name }]
    })
    const body: GraphBody = {
      layout: 'NCHW',
      input: { value: name, channels, size: this.#image.size },
      nodes: this.#nodes,
      tensors: [...this.weights.specs.values()],
      constants: new Map()
    }
    return { body, outputs, weights: this.weights }
  }

  #lower(node: OnnxNode): void {
    try {
      const made = this.#make(node)
      made.forEach((fact, index) => {
        const name = node.outputs[index] ?? ''
        if (name === '') return
        if (this.#facts.has(name)) throw new GraphProblem(`makes ${quote(name)}, which is there already`)
        this.#facts.set(name, fact)
      })
      const missing = node.outputs.slice(made.length).find((name) => name !== '' && this.readersOf(name) > 0)
      if (missing !== undefined) throw new GraphProblem(`makes ${quote(missing)} too, which is not known here`)
    } catch (error) {
      if (!(error instanceof GraphProblem)) throw error
      throw new GraphProblem(`has the node ${quote(titleOf(node))} (${quoteOp(node)}), which ${error.message}`)
    }
  }

  #make(node: OnnxNode): Fact[] {
    if (node.domain !== '' && node.domain !== 'ai.onnx')
      throw new GraphProblem(`is of the domain ${quote(node.domain)}, and only ONNX's own operators are known here`)
    const call = new Call(this, node)
    const isFixed = call.inputs().every(({ kind }) => kind === 'fixed')
    if (isFixed || node.op === 'Shape' || node.op === 'Size') {
      const folded = foldNode(call)
      if (folded) return [folded]
    }
    const operator = operators.get(node.op)
    if (!operator) throw new GraphProblem('is an operator that is not known here')
    this.#next = node.outputs.find((name) => name !== '') ?? ''
    return operator(call)
  }
  #next = ''
  /** The number with which the search for a free name begins. */
  #counts = new Map<string, number>()

  /** What is known of a name. Throws GraphProblem where nothing before makes it. */
  factOf(name: string): Fact {
    const fact = this.#facts.get(name)
    if (!fact) throw new GraphProblem(`reads ${quote(name)}, which nothing before it makes`)
    return fact
  }

  get batch(): number | null {
    return this.#image.batch
  }

  readersOf(name: string): number {
    return this.#readers.get(name) ?? 0
  }

  /** Adds a node that makes a value of its own. Throws GraphProblem where it can't take its inputs. */
  emit(operation: Operation, inputs: string[], wanted = this.#next): Value {
    const given = inputs.map((input) => {
      const shape = this.#shapes.get(input)
      return shape ? { shape, isValue: true } : { shape: this.weights.shapeOf(input) ?? [], isValue: false }
    })
    const shape = outputShape(operation, given, 'NCHW')
    requireNumbers(shape, given[0]?.shape ?? [])
    if (this.#nodes.length >= mostNodes) throw new GraphProblem(`makes more than ${mostNodes} operations of the whole`)
    let name = wanted
    // The file's own name is free for one of the nodes only.
    const isFree = (each: string) =>
      !this.#shapes.has(each) && this.weights.shapeOf(each) === null && (each === wanted || !this.#taken.has(each))
    for (let count = this.#counts.get(wanted) ?? 2; !isFree(name); count++) {
      name = `${wanted}:${count}`
      this.#counts.set(wanted, count + 1)
    }
    this.#taken.add(name)
    const node: GraphNode = { output: name, inputs, ...operation }
    this.#nodes.push(node)
    this.#makers.set(name, node)
    this.#shapes.set(name, shape)
    return { kind: 'value', name, shape }
  }

  /** The linear layer without a bias that makes a value; null where something else does. */
  biaslessMaker(value: Value): GraphNode | null {
    const maker = this.#makers.get(value.name)
    return maker?.op === 'linear' && maker.inputs.length === 2 ? maker : null
  }

  /** A tensor of the file under a name. */
  fixedOf(name: string, tensor: OnnxTensor): Fixed {
    return this.#source.fixedOf(name, tensor)
  }
}

const titleOf = ({ name, outputs }: OnnxNode): string => name || outputs[0] || ''
/** Names of operators are words; what is none is quoted. */
const quoteOp = ({ op }: OnnxNode): string => (/^\w{1,40}$/.test(op) ? op : quote(op))
