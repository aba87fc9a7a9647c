import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { OperationName, PolicyDraw } from '../../../../src-main/engine/data/augment/auto-augment.ts'
import type { ByteImage } from '../../../../src-main/engine/data/augment/byte-image.ts'

type Step = [name: OperationName, probability: number, level: number | null]
type Golden = {
  images: { name: string; shape: [number, number, number]; offset: number }[]
  levels_32x32: { [name in OperationName]: number[] }
  sub_policies: [Step, Step][]
  operations: { image: string; operation: OperationName; magnitude: number; offset: number }[]
  policies: {
    image: string
    index: number
    applied: PolicyDraw['isApplied']
    negative: PolicyDraw['isNegative']
    offset: number
  }[]
}
const folder = join(import.meta.dirname, '../../../fixtures/golden/autoaugment')

/** What torchvision made; tests/fixtures/witness/autoaugment.py wrote it. */
export const golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) as Golden
const bytes = readFileSync(join(folder, 'pixels.u8'))

const slice = (offset: number, [height, width, channels]: ByteImage['shape']): Uint8Array =>
  Uint8Array.from(bytes.subarray(offset, offset + height * width * channels))

export function imageOf(name: string): ByteImage {
  const image = golden.images.find((image) => image.name === name)
  if (!image) throw new Error(`No image is named ${name}.`)
  return { pixels: slice(image.offset, image.shape), shape: image.shape }
}

/** The golden pixels at `offset`, of the shape of an image. */
export const expectedOf = (name: string, offset: number): Uint8Array => slice(offset, imageOf(name).shape)
