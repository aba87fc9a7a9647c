import type { Random } from '../../../../src-shared/science/random.ts'
import type { ByteImage } from './byte-image.ts'
import { rotate, shearX, shearY, translateX, translateY } from './geometry.ts'
import {
  adjustBrightness,
  adjustColor,
  adjustContrast,
  adjustSharpness,
  autoContrast,
  equalize,
  invert,
  posterize,
  solarize
} from './image-operations.ts'
import { cifarPolicy } from './cifar-policy.ts'

/**
 * The operations of AutoAugment (Cubuk et al. 2019, table 6): an image and a magnitude give a new image. Translations
 * are in pixels, Rotate in degrees; Color, Contrast, Sharpness and Brightness add the magnitude to a factor of 1;
 * Posterize keeps that many bits, Solarize inverts from that byte on; the last three take no notice of it.
 */
export const operations = {
  ShearX: shearX,
  ShearY: shearY,
  TranslateX: translateX,
  TranslateY: translateY,
  Rotate: rotate,
  Color: (image, magnitude) => adjustColor(image, 1 + magnitude),
  Posterize: posterize,
  Solarize: solarize,
  Contrast: (image, magnitude) => adjustContrast(image, 1 + magnitude),
  Sharpness: (image, magnitude) => adjustSharpness(image, 1 + magnitude),
  Brightness: (image, magnitude) => adjustBrightness(image, 1 + magnitude),
  AutoContrast: autoContrast,
  Equalize: equalize,
  Invert: invert
} satisfies { [name: string]: (image: ByteImage, magnitude: number) => Uint8Array }
export type OperationName = keyof typeof operations

/** The highest of ten levels, 0 to 9; the lowest is 0. Translations are shares of the image's side. */
const highest: { [name in OperationName]?: number } = {
  ShearX: 0.3,
  ShearY: 0.3,
  TranslateX: 150 / 331,
  TranslateY: 150 / 331,
  Rotate: 30,
  Color: 0.9,
  Contrast: 0.9,
  Sharpness: 0.9,
  Brightness: 0.9
}

/** Step `level` of ten from start to end in single precision, from whichever end is nearer (`torch.linspace`). */
function tenth(start: number, end: number, level: number): number {
  const step = Math.fround(Math.fround(Math.fround(end) - Math.fround(start)) / 9)
  return Math.fround(level < 5 ? start + Math.fround(step * level) : Math.fround(end) - Math.fround(step * (9 - level)))
}

/**
 * What a level (0 to 9) of an operation means for an image of height x width pixels, in the operation's unit; 0 for
 * operations without a magnitude. The levels are those of torchvision's `AutoAugment`.
 */
export function magnitudeOf(name: OperationName, level: number, [height, width]: readonly number[]): number {
  if (name === 'Posterize') return 8 - Math.round((level * 4) / 9)
  if (name === 'Solarize') return tenth(255, 0, level)
  const side = name === 'TranslateX' ? width! : name === 'TranslateY' ? height! : 1
  return tenth(0, (highest[name] ?? 0) * side, level)
}

/** What chance decided for one image. */
export type PolicyDraw = {
  /** Position of the sub-policy, 0 to 24. */
  index: number
  /** Whether its first and second operation are carried out. */
  isApplied: readonly [boolean, boolean]
  /** Whether their magnitudes are negative, where they have a sign. */
  isNegative: readonly [boolean, boolean]
}

/** Draws a sub-policy, evenly; five numbers of the stream at each call, whatever they decide. */
export function drawPolicy(random: Random): PolicyDraw {
  const index = random.integer(cifarPolicy.length)
  const [first, second] = cifarPolicy[index]!
  return {
    index,
    isApplied: [random.uniform() < first[1], random.uniform() < second[1]],
    isNegative: [random.integer(2) === 0, random.integer(2) === 0]
  }
}

/**
 * AutoAugment's CIFAR-10 policy (Cubuk et al. 2019, table 7) as torchvision's `AutoAugment(CIFAR10)` carries it out on a
 * Pillow image: nearest pixels, black where none are. Images have 1 or 3 channels. Returns the image's own bytes where
 * neither operation is carried out.
 *
 * DeepVoltaire's AutoAugment, which public self-distillation code copies, shares the table and differs in these: fills
 * with grey 128, shears with cubic interpolation, always turns counterclockwise, and Solarize starts at 256.
 */
export function applyPolicy(image: ByteImage, { index, isApplied, isNegative }: PolicyDraw): Uint8Array {
  let { pixels } = image
  cifarPolicy[index]!.forEach(([name, , level], position) => {
    if (!isApplied[position]) return
    const magnitude = level === null ? 0 : magnitudeOf(name, level, image.shape)
    const isSigned = name in highest && isNegative[position]
    pixels = operations[name]({ ...image, pixels }, isSigned ? -magnitude : magnitude)
  })
  return pixels
}
