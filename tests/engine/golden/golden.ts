import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A case written by the PyTorch reference: what every exit must give for a checkpoint. */
export type Golden = {
  imagesShape: [number, number, number, number]
  labels: number[]
  hyper: {
    alpha: number
    lambda: number
    temperature: number
    lr: number
    momentum: number
    weightDecay: number
  }
  eval: {
    logits: number[][][]
    features: number[][][]
    discriminativeness: { sse: number; ssb: number; ratio: number }[]
  }
  trainStep: {
    total: number
    crossEntropy: number[]
    kl: number[]
    hint: number[]
    meanAbsGradient: Record<string, number>
    after: Record<string, { sum: number; sumAbs: number }>
  }
}

const folder = (name: string) => fileURLToPath(new URL(`../../fixtures/golden/${name}/`, import.meta.url))

/** The golden case of that name with the paths of its weights and images. */
export function readGolden(name: string): { golden: Golden; weights: string; images: string; pixels: Float32Array } {
  const at = folder(name)
  const golden = JSON.parse(readFileSync(`${at}golden.json`, 'utf8')) as Golden
  const bytes = readFileSync(`${at}images.f32`)
  return {
    golden,
    weights: `${at}weights.safetensors`,
    images: `${at}images.f32`,
    pixels: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
  }
}

/** max |a - b| over max |b|. */
export function largestDeviation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = 0
  let scale = 0
  for (let index = 0; index < b.length; index++) {
    difference = Math.max(difference, Math.abs(a[index]! - b[index]!))
    scale = Math.max(scale, Math.abs(b[index]!))
  }
  return difference / scale
}
