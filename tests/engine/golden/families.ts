import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openCheckpoint } from '../../../src-main/engine/checkpoint/checkpoint.ts'
import { runNetwork, type ExitMatrices } from '../../../src-main/engine/evaluation/run-network.ts'
import type { Network } from '../../../src-main/engine/model/layer.ts'
import { disposeState, toState, type Weights } from '../../../src-main/engine/model/weights.ts'
import type { HeadName } from '../../../src-shared/networks/network-spec.ts'
import { networkNamed } from '../../helpers/networks.ts'
import { largestDeviation } from './golden.ts'

type Choice = {
  name: string
  width: number
  classes: number
  form?: 'cifar' | 'imagenet'
  head?: HeadName
  headWidth?: number
  attention?: boolean
}

type FamilyGolden = {
  network: Choice
  imagesShape: [number, number, number, number]
  labels: number[]
  hyper: Record<'alpha' | 'lambda' | 'temperature' | 'lr' | 'momentum' | 'weightDecay', number>
  /** Features of each exit. */
  widths: number[]
  trainStep: { total: number; crossEntropy: number[]; kl: number[]; hint: number[] }
  /** Of every tensor after the step; the gradient's mean |g|, null for what is not trained. */
  tensors: Record<string, [sum: number, sumAbs: number, meanAbsGradient: number | null]>
}

/** A small member of a family, and what PyTorch gives for it (tests/fixtures/witness/families.py). */
export type FamilyCase = {
  golden: FamilyGolden
  network: Network
  weights: Weights
  /** NHWC. */
  pixels: Float32Array
  /** Of each exit in evaluation mode, row after row. */
  expected: { logits: Float32Array; features: Float32Array }[]
}

const folder = fileURLToPath(new URL('../../fixtures/golden/families/', import.meta.url))

/** The case of that name; its network is built from the names in it, not recognised from the weights. */
export async function readFamilyCase(name: string): Promise<FamilyCase> {
  const golden = JSON.parse(readFileSync(`${folder}${name}/golden.json`, 'utf8')) as FamilyGolden
  const [count, size] = golden.imagesShape
  const bytes = readFileSync(`${folder}images-${size}.i8`)
  const predictions = readFileSync(`${folder}${name}/expected.f32`)
  const values = new Float32Array(new Uint8Array(predictions).buffer)
  let at = 0
  const take = (length: number): Float32Array => values.slice(at, (at += length))
  return {
    golden,
    network: networkNamed({ ...golden.network, inputChannels: 3, exits: 'all' }),
    weights: (await openCheckpoint(`${folder}${name}/weights.safetensors`)).weights,
    pixels: Float32Array.from(bytes, (byte) => ((byte << 24) >> 24) / 32),
    expected: golden.widths.map((width) => ({
      logits: take(count * golden.network.classes),
      features: take(count * width)
    }))
  }
}

/** What every exit gives for the case's images. */
export async function predictCase(backend: Backend, { golden, network, weights, pixels }: FamilyCase) {
  const [count, ...shape] = golden.imagesShape
  const size = pixels.length / count
  const source = { count, shape, batch: (from: number, to: number) => pixels.slice(from * size, to * size) }
  const state = toState(backend.tf, network, weights)
  const exits = await runNetwork(backend, network, state, source, { wantsFeatures: true, batchSize: 7 })
  disposeState(state)
  return exits
}

/** Largest deviation of logits and features from PyTorch's over all exits, each relative to its exit's largest value. */
export function predictionDeviation({ expected }: FamilyCase, exits: ExitMatrices[]): number {
  const deviations = exits.flatMap(({ logits, features }, index) => [
    largestDeviation(logits.data, expected[index]!.logits),
    largestDeviation(features!.data, expected[index]!.features)
  ])
  return Math.max(...deviations)
}
