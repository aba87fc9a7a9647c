import { UsageError } from '../../../src-shared/errors.ts'
import type { LabRequest, LabResult } from '../../../src-shared/lab-contract.ts'
import { fillHole } from '../data/augment/cutout.ts'
import { augmentImages, padImages } from '../data/batches.ts'
import { loadDataset } from '../data/dataset.ts'
import { inputSizeOf } from '../data/input-size.ts'

/**
 * Training images beside what augmentation makes of them: draw d is what training with this seed would give a batch of
 * these images as the first step of epoch d (0-based). Cutout's hole is shown in the data set's mean colour, which is
 * what zero after normalising stands for.
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
  const { name, classes, shape, mean, splits } = await loadDataset(nameOrPath)
  const { images, labels, count } = splits.train
  const outside = indices.find((index) => index >= count)
  if (outside !== undefined)
    throw new UsageError(
      `There is no image ${outside} in the train split of ${name}: its ${count} images are numbered from 0.`
    )
  const size = inputSizeOf(shape)
  const imageLength = size * size * shape[2]
  const colour = mean.map((share) => Math.round(share * 255))
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
