import type { Operation } from '../../../model/graph/graph.ts'
import { GraphProblem } from '../../../model/graph/problem.ts'
import { quote } from '../../../pickle/values.ts'
import type { Attribute, OnnxNode } from '../node-proto.ts'
import { countOf, known, type Fact, type Fixed, type Value } from './facts.ts'
import type { Lowering } from './lowering.ts'

/** One node of the file while it is lowered: its attributes, what is known of its inputs, what it makes. */
export class Call {
  readonly node: OnnxNode
  readonly opset: number
  readonly #lowering: Lowering

  constructor(lowering: Lowering, node: OnnxNode) {
    this.#lowering = lowering
    this.node = node
    this.opset = lowering.opset
  }

  get weights(): Lowering['weights'] {
    return this.#lowering.weights
  }

  /** How many images the file was written for; null where it takes any number. */
  get batch(): number | null {
    return this.#lowering.batch
  }

  #attribute(name: string): Attribute | null {
    const attribute = this.node.attributes.get(name)
    if (attribute?.isReference) throw new GraphProblem(`takes its ${quote(name)} from a function's caller`)
    return attribute ?? null
  }

  /** An attribute that is a number. */
  number(name: string, otherwise: number): number {
    return this.#attribute(name)?.number ?? otherwise
  }

  /** The same of a whole number. */
  integer(name: string, otherwise: number): number {
    const value = this.number(name, otherwise)
    if (!Number.isInteger(value)) throw new GraphProblem(`has the ${quote(name)} ${value}`)
    return value
  }

  /** An attribute that is a text. */
  text(name: string, otherwise: string): string {
    return this.#attribute(name)?.text ?? otherwise
  }

  /** An attribute that is a list of numbers; null where it is not given. */
  numbers(name: string): number[] | null {
    return this.#attribute(name)?.numbers ?? null
  }

  /** The same with exactly so many entries. */
  exactly(name: string, count: number, otherwise: number): number[] {
    const found = this.numbers(name) ?? Array<number>(count).fill(otherwise)
    if (found.length !== count) throw new GraphProblem(`has ${found.length} entries in ${quote(name)}, not ${count}`)
    return found
  }

  has(name: string): boolean {
    return this.node.attributes.has(name)
  }

  /** An attribute that is a tensor; null where it is not given. */
  tensor(name: string): Fixed | null {
    const tensor = this.#attribute(name)?.tensor
    return tensor ? this.#lowering.fixedOf(this.node.outputs[0] ?? '', tensor) : null
  }

  /** Throws where an attribute has another value than the only one known here. */
  require(name: string, only: number | string): void {
    const found = typeof only === 'string' ? this.text(name, only) : this.number(name, only)
    if (found !== only) throw new GraphProblem(`has ${quote(name)} ${found}, and only ${only} is known here`)
  }

  /** An input; null where it is not given. */
  input(index: number): Fact | null {
    const name = this.node.inputs[index] ?? ''
    return name === '' ? null : this.#lowering.factOf(name)
  }

  /** All inputs that are given. */
  inputs(): Fact[] {
    return this.node.inputs.flatMap((_, index) => this.input(index) ?? [])
  }

  /** An input that depends on the images. */
  value(index: number): Value {
    const fact = this.input(index)
    if (fact?.kind !== 'value') throw new GraphProblem(`needs images as input ${index + 1}`)
    return fact
  }

  /** An input that does not depend on the images; null where it is not given. */
  fixed(index: number): Fixed | null {
    const fact = this.input(index)
    if (fact?.kind === 'value')
      throw new GraphProblem(`takes its input ${index + 1} from the images, which is not known here`)
    return fact
  }

  /** The same where it must be given. */
  needed(index: number): Fixed {
    const fact = this.fixed(index)
    if (!fact) throw new GraphProblem(`lacks its input ${index + 1}`)
    return fact
  }

  /** The numbers of an input; null where it is not given. */
  list(index: number): number[] | null {
    const fixed = this.fixed(index)
    return fixed && numbersOf(fixed)
  }

  /** One number of an input; null where it is not given. */
  scalar(index: number): number | null {
    const list = this.list(index)
    if (list && list.length !== 1) throw new GraphProblem(`has ${list.length} numbers as input ${index + 1}, not one`)
    return list?.[0] ?? null
  }

  /** Adds a node to the graph. */
  emit(operation: Operation, inputs: readonly (Value | string)[]): Value {
    return this.#lowering.emit(
      operation,
      inputs.map((input) => (typeof input === 'string' ? input : input.name))
    )
  }

  /** A constant as an input. */
  constant(shape: number[], data: ArrayLike<number>): string {
    const name = this.node.outputs[0] ?? ''
    return this.weights.constant(known(name, shape, data, false))
  }

  /** An input of an elementwise operation: a value, or the name of a constant. */
  operand(fact: Fact): Value | string {
    return fact.kind === 'value' ? fact : this.weights.constant(fact)
  }

  /** How many nodes and outputs read a name. */
  readersOf(name: string): number {
    return this.#lowering.readersOf(name)
  }

  /** True where a value is made by a linear layer that has no bias so far. */
  takesBias(value: Value): boolean {
    return this.#lowering.biaslessMaker(value) !== null
  }

  /** Gives the linear layer that makes a value its bias. */
  addBias(value: Value, bias: string): void {
    this.#lowering.biaslessMaker(value)?.inputs.push(bias)
  }
}

/** The numbers of what is known. Throws GraphProblem where they are too many to reckon with. */
export function numbersOf(fixed: Fixed): number[] {
  if (!fixed.data) throw new GraphProblem(`reckons with the ${countOf(fixed.shape)} numbers of ${quote(fixed.name)}`)
  return Array.from(fixed.data)
}
