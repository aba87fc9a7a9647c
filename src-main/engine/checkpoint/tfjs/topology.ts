import type { Place } from '../../model/follow.ts'
import type { Weights } from '../../model/weights.ts'

/** A value while a model is put together: the layer that gives it, and what it is of one square image. */
export type Made = { name: string; place: Place }

/** A layer's weight in Keras's order of axes; its values are made when they are written. */
export type KerasWeight = { shape: number[]; make: () => Float32Array }

/** A Functional model that grows layer by layer. */
export class Topology {
  readonly layers: unknown[] = []
  readonly weights: (KerasWeight & { name: string })[] = []
  readonly #names = new Set<string>()

  /** A layer of what others give; `weights` by Keras's names. `wanted` is its name, with a number behind where it is taken. */
  add(className: string, { wanted, config = {}, inputs, weights = {} }: LayerRequest, place: Place): Made {
    const name = this.#ownName(wanted)
    const calls = inputs.map((input) => [input.name, 0, 0, {}])
    this.layers.push({
      class_name: className,
      name,
      config: { name, trainable: true, ...config },
      inbound_nodes: calls.length ? [calls] : []
    })
    for (const [weight, { shape, make }] of Object.entries(weights))
      this.weights.push({ name: `${name}/${weight}`, shape, make })
    return { name, place }
  }

  #ownName(wanted: string): string {
    let name = wanted
    for (let number = 2; this.#names.has(name); number++) name = `${wanted}_${number}`
    this.#names.add(name)
    return name
  }
}

export type LayerRequest = {
  wanted: string
  config?: Record<string, unknown>
  inputs: Made[]
  weights?: Record<string, KerasWeight>
}

/** What layers are written into, and the weights they are written with. */
export type Target = { topology: Topology; weights: Weights }
