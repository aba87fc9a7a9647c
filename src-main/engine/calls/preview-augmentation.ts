import { UsageError } from '../../../src-shared/errors.ts'
import type { LabRequest, LabResult } from '../../../src-shared/lab-contract.ts'
import { fillHole } from '../data/augment/cutout.ts'
import { augmentImages, padImages } from '../data/batches.ts'
import type { ImageShape } from '../data/dataset.ts'
import { inputSizeOf } from '../data/input-size.ts'
import { pixelStatistics } from '../data/pixel-statistics.ts'
import { openSplit } from '../data/read-images.ts'

/** Of one answer. */
const mostPixels = 2 ** 22
/** Of a larger split, the mean is that of the images that are shown: it only colours Cutout's hole. */
const mostBytesForMean = 2 ** 26

/**
 * Training images beside what augmentation makes of them: draw d is what training with this seed would give a batch of
 * these images as the first step of epoch d (0-based). Cutout's hole is shown in the data set's mean colour, which is
 * what zero after normalising stands for; of a large data set that was not added to the lab, in that of the images shown.
 *
 * Throws UsageError where there is no such data set or image, UserError where a file is damaged or the images cannot be
 * augmented this way.
 */
export async function previewAugmentation({
  dataset: nameOrPath,
  augmentation,
  seed,
  indices,
  draws
}: LabRequest<'previewAugmentation'>): Promise<LabResult<'previewAugmentation'>> {
  const { name, classes, shape, split, mean } = await openSplit(nameOrPath, 'train')
  const { images, labels, count } = split
  const outside = indices.find((index) => index >= count)
  if (outside !== undefined)
    throw new UsageError(
      `There is no image ${outside} in the train split of ${name}: its ${count} images are numbered from 0.`
    )
  const size = inputSizeOf(shape)
  const pixelCount = indices.length * draws * size * size
  if (pixelCount > mostPixels)
    throw new UsageError(
      `${draws} draws of ${indices.length} images of ${size} x ${size} are ${pixelCount} pixels; ask for at most ${mostPixels}.`
    )
  const imageLength = size * size * shape[2]
  const shares = augmentation.cutout ? (mean ?? meanOf(images, shape, indices)) : []
  const colour = shares.map((share) => Math.round(share * 255))
  const augmented = new Uint8Array(indices.length * draws * imageLength)
  for (let draw = 0; draw < draws; draw++) {
    const { pixels, holes } = augmentImages({ images, shape, size, indices, augmentation, seed, epoch: draw, step: 0 })
    indices.forEach((_, position) => {
      const start = position * imageLength
      const hole = holes?.[position]
      if (hole) fillHole(pixels, start, size, hole, colour)
      augmented.set(pixels.subarray(start, start + imageLength), (position * draws + draw) * imageLength)
    })
  }
  return {
    shape: [size, size, shape[2]],
    originals: padImages({ images, shape }, indices, size),
    augmented,
    labels: indices.map((index) => labels[index]!),
    classes: [...classes]
  }
}

function meanOf(images: Uint8Array, shape: ImageShape, indices: readonly number[]): number[] {
  const bytes = shape[0] * shape[1] * shape[2]
  if (images.length <= mostBytesForMean) return pixelStatistics(images, shape[2]).mean
  const shown = new Uint8Array(indices.length * bytes)
  indices.forEach((index, position) => shown.set(images.subarray(index * bytes, (index + 1) * bytes), position * bytes))
  return pixelStatistics(shown, shape[2]).mean
}
