import { readFileSync } from 'node:fs'
import type { Shapes } from '../../../../src-main/engine/checkpoint/recognition/recognize.ts'
import type { Weights } from '../../../../src-main/engine/model/weights.ts'

const normTensors = ['weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked']

const readCases = <T>(file: string): (T & { name: string; tensors: Map<string, { shape: number[] }> })[] => {
  const text = readFileSync(new URL(`../../../fixtures/recognition/${file}.json`, import.meta.url), 'utf8')
  const { madeWith: _, ...cases } = JSON.parse(text) as Record<string, T & { tensors: Record<string, number[]> }>
  return Object.entries(cases).map(([name, one]) => ({ ...one, name, tensors: expand(one.tensors) }))
}

/** Tensors by name, where `x.*` stands for the tensors of a BatchNorm. */
export function expand(short: Record<string, number[]>): Map<string, { shape: number[] }> {
  const entries = Object.entries(short).flatMap(([name, shape]): [string, { shape: number[] }][] =>
    name.endsWith('.*')
      ? normTensors.map((last) => [name.slice(0, -1) + last, { shape: last === 'num_batches_tracked' ? [] : shape }])
      : [[name, { shape }]]
  )
  return new Map(entries)
}

/** Public networks: the names and shapes of their tensors, and what they are. */
export const publicNetworks = readCases<{ title: string; exits: number; classes: number }>('keys')

/** The same of small ones, and the logits that PyTorch gives for two images, for each exit, shallowest first. */
export const predictedNetworks = readCases<{ size: number; channels: number; logits: number[][][] }>('predictions')

/** The tensors of one of them. */
export const tensorsOf = (name: string): Map<string, { shape: number[] }> =>
  new Map(publicNetworks.find((one) => one.name === name)!.tensors)

/** `noise` of make.py. */
export function noise(count: number, number: number, scale: number): Float32Array {
  const spread = scale * Math.sqrt(12)
  return new Float32Array(count).map((_, index) => {
    const wave = Math.sin(12.9898 * index + number) * 43758.5453
    return spread * (wave - Math.floor(wave) - 0.5)
  })
}

/** `fill` of make.py. */
export function fill(tensors: Shapes): Weights {
  const weights: Weights = new Map()
  let number = 0
  for (const [name, { shape }] of tensors) {
    const [layer, last] = [name.slice(0, name.lastIndexOf('.')), name.slice(name.lastIndexOf('.') + 1)]
    const fan = shape.slice(1).reduce((a, b) => a * b, 1)
    const data =
      last === 'num_batches_tracked'
        ? Float32Array.of(0)
        : noise(fan * shape[0]!, number, shape.length > 1 ? 1 / Math.sqrt(fan) : 0.1)
    const isNorm = tensors.has(`${layer}.running_mean`) && (last === 'weight' || last === 'running_var')
    // Python adds before it rounds to float32; rounding first changes the last bit of few.
    weights.set(name, { shape, data: isNorm ? data.map((value) => value + 1) : data })
    number += 1
  }
  return weights
}
