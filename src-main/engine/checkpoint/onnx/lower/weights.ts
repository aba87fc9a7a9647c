import type { StoredTensor } from '../../format.ts'
import type { GraphBody } from '../../../model/graph/graph.ts'
import { GraphProblem } from '../../../model/graph/problem.ts'
import type { TensorSpec } from '../../../model/tensor-specs.ts'
import { quote } from '../../../pickle/values.ts'
import type { FileWalker } from '../file-walker.ts'
import { loadTensor } from '../tensor-values.ts'
import { countOf, type Fixed } from './facts.ts'

type Role = Exclude<TensorSpec['role'], 'counter'>

/** Collects the weights and constants of a graph while its nodes are lowered. */
export class WeightTable {
  readonly specs = new Map<string, TensorSpec>()
  readonly stored = new Map<string, StoredTensor>()
  readonly #constants = new Map<string, Fixed>()
  readonly #turned = new Map<string, boolean>()
  /** How many statistics there are of one name. */
  readonly #counts = new Map<string, number>()
  readonly #walker: FileWalker
  readonly #isTaken: (name: string) => boolean

  /** `isTaken` says which names values have. */
  constructor(walker: FileWalker, isTaken: (name: string) => boolean) {
    this.#walker = walker
    this.#isTaken = isTaken
  }

  /** The name of a weight in PyTorch's layout; the same tensor in another role, and every statistic, gets a name of its own. */
  weight(fixed: Fixed, role: Role, more: { shape?: number[]; isTransposed?: true } = {}): string {
    const { isTransposed } = more
    const shape = more.shape ?? fixed.shape
    if (fixed.isInteger) throw new GraphProblem(`has weights ${quote(fixed.name)} that are whole numbers`)
    const isOwn = (name: string): boolean => {
      const spec = this.specs.get(name)
      if (!spec) return !this.#isTaken(name)
      const isSame = spec.role === role && String(spec.shape) === String(shape) && spec.isTransposed === isTransposed
      return isSame && role !== 'statistic' && this.#turned.get(name) === fixed.isTurned
    }
    const name = ownName(fixed.name, isOwn, role === 'statistic' ? this.#counts : undefined)
    this.#turned.set(name, fixed.isTurned)
    this.specs.set(name, { name, shape, role, stage: 0, part: 'backbone', ...(isTransposed ? { isTransposed } : {}) })
    const dtype = fixed.source?.type.dtype ?? 'F32'
    this.stored.set(name, { dtype, shape, load: () => this.#load(fixed) })
    return name
  }

  /** The name of a constant. */
  constant(fixed: Fixed): string {
    const name = ownName(`${fixed.name} (constant)`, (each) => this.#constants.get(each) === fixed || !this.#has(each))
    this.#constants.set(name, fixed)
    return name
  }

  #has(name: string): boolean {
    return this.#constants.has(name) || this.specs.has(name) || this.#isTaken(name)
  }

  /** Shapes of tensors and constants, by name. */
  shapeOf(name: string): number[] | null {
    return this.specs.get(name)?.shape ?? this.#constants.get(name)?.shape ?? null
  }

  /** The numbers that were reckoned while nodes were lowered, by name. */
  reckoned(): [string, number[] | null][] {
    return [...this.#constants].map(([name, { data, source }]) => [name, data && !source ? Array.from(data) : null])
  }

  /** Reads the constants' numbers. */
  async loadConstants(): Promise<GraphBody['constants']> {
    const constants: GraphBody['constants'] = new Map()
    for (const [name, fixed] of this.#constants)
      constants.set(name, { shape: fixed.shape, data: await this.#load(fixed) })
    return constants
  }

  async #load(fixed: Fixed): Promise<Float32Array> {
    const { data, source, shape } = fixed
    if (data) return requireFinite(Float32Array.from(data), fixed)
    const values = await loadTensor(this.#walker, source!)
    const floats = values instanceof Float32Array ? values : Float32Array.from(values)
    return fixed.isTurned ? turn(floats, shape) : floats
  }
}

/** The name itself, or with a number behind it. */
function ownName(name: string, isOwn: (name: string) => boolean, counts = new Map<string, number>()): string {
  for (let count = (counts.get(name) ?? 0) + 1; ; count++) {
    const next = count === 1 ? name : `${name} (${count})`
    if (!isOwn(next)) continue
    counts.set(name, count)
    return next
  }
}

function requireFinite(data: Float32Array, { name, source }: Fixed): Float32Array {
  // A weight may be anything; what was reckoned must not depend on how many images there are.
  if (!source && data.some((value) => Number.isNaN(value)))
    throw new GraphProblem(`reckons with the number of images in ${quote(name)}`)
  return data
}

/** [rows, columns] of [columns, rows]. */
function turn(data: Float32Array, [rows = 1, columns = 1]: readonly number[]): Float32Array {
  const turned = new Float32Array(countOf([rows, columns]))
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) turned[row * columns + column] = data[column * rows + row]!
  return turned
}
