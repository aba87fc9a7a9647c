import { quote } from '../../pickle/values.ts'
import { ancestorsOf } from './ancestors.ts'
import type { Graph, GraphBody, GraphExit, GraphNode } from './graph.ts'
import { graphShapes } from './graph-shapes.ts'
import { channelAxis } from './output-shape.ts'
import { GraphProblem } from './problem.ts'

/** What a graph gives, under the name that its file has for it. */
export type Output = { name: string; value: string }

/** A graph with its exits, and what is worth saying of how they were found, a sentence each. */
export type WithExits = { graph: Graph; remarks: string[] }

/**
 * Finds the exits among a graph's outputs: those [N,C] (or [N,C,1,1]) with the same C of 2 or more. Of an
 * output that a softmax or sigmoid makes, the logits are what that takes. Outputs that others are made of (features), mixes of
 * exits, and all else are left aside in a remark, never guessed; without exits there are none, and a remark says why.
 * Features are what the last linear layer takes. `size` is one that the graph can take. Throws GraphProblem.
 */
export function findExits(body: GraphBody, outputs: readonly Output[], size: number): WithExits {
  requireFew(body, outputs)
  const remarks: string[] = []
  const finder = new Finder(body, graphShapes(body, size))
  const scores = new Map<string, { output: string; classes: number }>()
  const aside: string[] = []
  for (const { name: output, value } of outputs) {
    const { logits, made } = finder.logitsOf(value)
    const classes = logits === null ? null : finder.classesOf(logits)
    if (logits === null || classes === null) {
      aside.push(output)
      continue
    }
    const twin = scores.get(logits)
    if (made) remarks.push(`The output ${quote(output)} is a ${made}; the lab uses the values before it.`)
    if (twin) remarks.push(`The outputs ${quote(twin.output)} and ${quote(output)} are the same exit.`)
    else scores.set(logits, { output, classes })
  }
  const chosen = choose(body, scores)
  const names = (values: Iterable<string>): string =>
    [...values].map((value) => quote(scores.get(value)!.output)).join(', ')
  aside.push(...[...scores.keys()].filter((value) => !chosen.includes(value)).map((value) => scores.get(value)!.output))
  if (aside.length && chosen.length)
    remarks.push(`Left aside, for they are no exits: ${aside.map((name) => quote(name)).join(', ')}.`)
  if (!chosen.length) {
    const shapes = outputs.map(
      ({ name, value }) => `${quote(name)} [${['N', ...finder.shape(value).slice(1)].join(', ')}]`
    )
    remarks.push(`None of its outputs can be told to be class scores: ${shapes.join(', ')}.`)
  }
  const exits = chosen.map((value) => finder.exitOf(value, scores.get(value)!, remarks))
  if (exits.length > 1) {
    const shallowFirst = orderExits(body, chosen)
    remarks.push(`Exits from shallow to deep, by what they depend on: ${names(shallowFirst.map((at) => chosen[at]!))}.`)
  }
  return { graph: { ...finder.body, exits }, remarks }
}

const mostOutputs = 100
/** What each output depends on is held at once. */
const mostDependencies = 500_000

function requireFew({ nodes }: GraphBody, { length }: readonly Output[]): void {
  if (length > mostOutputs) throw new GraphProblem(`has ${length} outputs; at most ${mostOutputs} are read`)
  if (length * nodes.length > mostDependencies)
    throw new GraphProblem(`has ${length} outputs over ${nodes.length} operations, which is more than is read`)
}

type Scores = ReadonlyMap<string, { output: string; classes: number }>

/** The logits among values [N,C]: those of which no others are made, in the largest group with the same C. */
function choose(body: GraphBody, scores: Scores): string[] {
  const values = [...scores.keys()]
  const ancestors = new Map(
    values.map((value) => [value, new Set(ancestorsOf(body, value).map(({ output }) => output))])
  )
  const dependsOn = (value: string, other: string): boolean => value !== other && ancestors.get(value)!.has(other)
  const classesOf = (value: string): number => scores.get(value)!.classes
  const isFeature = (value: string): boolean =>
    values.some((other) => classesOf(other) !== classesOf(value) && dependsOn(other, value))
  const groups = new Map<number, string[]>()
  for (const value of values) {
    const isMix = values.some((other) => classesOf(other) === classesOf(value) && dependsOn(value, other))
    if (!isFeature(value) && !isMix) groups.set(classesOf(value), [...(groups.get(classesOf(value)) ?? []), value])
  }
  const most = Math.max(0, ...[...groups.values()].map(({ length }) => length))
  const largest = [...groups.values()].filter(({ length }) => length === most)
  return largest.length === 1 ? largest[0]! : []
}

/**
 * The positions of exits from shallow to deep: the shallower one leaves what all share earlier; of two that leave at the same
 * place it is the one with less behind.
 */
export function orderExits(body: GraphBody, logits: readonly string[]): number[] {
  const perExit = logits.map((value) => new Set(ancestorsOf(body, value)))
  const weights = new Map(body.tensors.map(({ name, shape }) => [name, shape.reduce((a, b) => a * b, 1)]))
  const places = perExit.map((nodes, index) => {
    const shared = [...nodes].filter((node) => perExit.some((other, at) => at !== index && other.has(node)))
    const names = new Set([...nodes].flatMap(({ inputs }) => inputs))
    return {
      index,
      shared: shared.length,
      parameters: [...names].reduce((sum, name) => sum + (weights.get(name) ?? 0), 0)
    }
  })
  return places.sort((a, b) => a.shared - b.shared || a.parameters - b.parameters).map(({ index }) => index)
}

const plain = new Set<GraphNode['op']>(['identity', 'flatten', 'reshape', 'squeeze', 'unsqueeze'])
const squashing = new Set<GraphNode['op']>(['softmax', 'logSoftmax', 'sigmoid'])

/** Looks back from values to what made them; adds the nodes that features need. */
class Finder {
  readonly #makers: Map<string, GraphNode>
  readonly body: GraphBody

  constructor(
    body: GraphBody,
    readonly shapes: ReadonlyMap<string, number[]>
  ) {
    this.body = { ...body, nodes: [...body.nodes] }
    this.#makers = new Map(body.nodes.map((node) => [node.output, node]))
  }

  shape(value: string): number[] {
    return this.shapes.get(value) ?? []
  }

  /** What a softmax at the end takes, or the output itself. */
  logitsOf(output: string): { logits: string | null; made: string | null } {
    if (!this.#makers.has(output)) return { logits: null, made: null }
    const maker = this.#behindPlain(output)
    if (!maker || !squashing.has(maker.op) || this.classesOf(maker.output) === null)
      return { logits: output, made: null }
    return { logits: maker.inputs[0]!, made: maker.op === 'logSoftmax' ? 'log softmax' : maker.op }
  }

  /** C of a value [N,C] or [N,C,1,1]; null of any other. */
  classesOf(value: string): number | null {
    const [, ...rest] = this.shape(value)
    const classes = rest.reduce((a, b) => a * b, 1)
    return rest.some((length) => length === classes) && classes >= 2 ? classes : null
  }

  /** The exit with these logits. */
  exitOf(value: string, { output, classes }: { output: string; classes: number }, remarks: string[]): GraphExit {
    const logits = this.#flat(value)
    const maker = this.#behindPlain(value)
    if (maker?.op === 'linear' && this.shape(maker.inputs[0]!).length === 2)
      return { logits, classes, features: maker.inputs[0]!, featureCount: this.shape(maker.inputs[0]!)[1]! }
    const before = this.#lastConvolution(value)
    if (before === null) {
      remarks.push(`No linear layer makes the output ${quote(output)}: its features are the logits themselves.`)
      return { logits, classes, features: logits, featureCount: classes }
    }
    remarks.push(
      `A convolution makes the output ${quote(output)}: its features are the means, over all pixels, of what that takes.`
    )
    const { layout } = this.body
    const axes = layout === 'NCHW' ? [2, 3] : [1, 2]
    const features = this.#add({ op: 'mean', axes, keepsAxes: false }, before)
    return { logits, classes, features, featureCount: this.shape(before)[channelAxis(4, layout)]! }
  }

  /** What made a value, over nodes that only reshape it. */
  #behindPlain(value: string): GraphNode | undefined {
    let node = this.#makers.get(value)
    while (node && plain.has(node.op)) node = this.#makers.get(node.inputs[0]!)
    return node
  }

  /** What a convolution without neighbours takes, if nothing but pooling and activations lie behind it. */
  #lastConvolution(value: string): string | null {
    let node = this.#makers.get(value)
    while (node) {
      if (node.op === 'convolution') return node.inputs[0]!
      if (node.inputs.filter((name) => this.shapes.has(name)).length !== 1 || node.op === 'linear') return null
      node = this.#makers.get(node.inputs[0]!)
    }
    return null
  }

  /** A value [N,C,1,1] as [N,C]. */
  #flat(value: string): string {
    return this.shape(value).length === 2 ? value : this.#add({ op: 'flatten', axis: 1 }, value)
  }

  #add(
    operation: { op: 'flatten'; axis: number } | { op: 'mean'; axes: number[]; keepsAxes: boolean },
    x: string
  ): string {
    const taken = (name: string) => this.#makers.has(name) || name === this.body.input.value
    let output = `${x} ${operation.op}`
    while (taken(output)) output += "'"
    const node: GraphNode = { output, inputs: [x], ...operation }
    this.body.nodes.push(node)
    this.#makers.set(output, node)
    return output
  }
}
