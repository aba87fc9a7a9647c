import { UsageError } from '../../../src-shared/errors.ts'
import type { RunConfig } from '../../../src-shared/run-config.ts'
import type { Preprocessing } from '../../../src-shared/preprocessing.ts'
import { fillTrainingBatch, prepareImages, epochOrder } from '../data/batches.ts'
import type { Dataset } from '../data/dataset.ts'
import { balancedIndices, splitValidation, withLabelNoise } from '../data/selection.ts'
import type { ImageSource } from '../evaluation/run-network.ts'

/** Images with the labels that a measurement compares with. */
export type LabelledSource = ImageSource & { labels: Int32Array }

/** What a run learns from and is tested on; every choice in it is a function of the configuration. */
export type TrainingData = {
  stepsPerEpoch: number
  /** One step's augmented images [n,size,size,channels] and labels; epoch and step 0-based within the run and epoch. */
  batch(epoch: number, step: number): { images: Float32Array; labels: Int32Array; count: number }
  /** Images of a step, 0-based within its epoch. */
  countOf(step: number): number
  test: LabelledSource
  /** null where nothing is held out. */
  validation: LabelledSource | null
}

/** Steps that an epoch over `count` images takes. Throws UsageError if there is one image only. */
export function stepsOf(count: number, batchSize: number): number {
  if (count < 2)
    throw new UsageError('There is one image to train on; two at least are needed, for BatchNorm uses their variance.')
  // A last batch of one image would leave BatchNorm without a variance.
  return Math.floor(count / batchSize) + (count % batchSize >= 2 ? 1 : 0)
}

/** Why a data set of one class is refused. */
export const oneClass = (name: string): UsageError =>
  new UsageError(`The data set ${name} has one class only; there is nothing to learn.`)

/**
 * Selects, relabels and splits a data set as a run's configuration says. Throws UsageError if `limit` is too large, or
 * if there is nothing to learn: one class or one image; UserError if the images are larger than the network's.
 */
export function prepareTrainingData(config: RunConfig, dataset: Dataset, preprocessing: Preprocessing): TrainingData {
  const { seed, batchSize, augmentation } = config
  const { train, test } = dataset.splits
  const classes = dataset.classes.length
  if (classes < 2) throw oneClass(dataset.name)
  const chosen = balancedIndices(train.labels, config.data.limit, classes, seed)
  const split = splitValidation(chosen, train.labels, config.data.validation, seed)
  const clean = split.train.map((index) => train.labels[index]!)
  const labels = withLabelNoise(clean, config.data.labelNoise, classes, seed)
  const count = split.train.length
  const stepsPerEpoch = stepsOf(count, batchSize)

  let order: { epoch: number; positions: Int32Array } | null = null
  const positionsOf = (epoch: number): Int32Array => {
    if (order?.epoch !== epoch) order = { epoch, positions: epochOrder(count, seed, epoch) }
    return order.positions
  }
  const pixels = { images: train.images, shape: dataset.shape }
  const source = (of: typeof test, indices: Int32Array): LabelledSource => ({
    count: indices.length,
    shape: [preprocessing.size, preprocessing.size, dataset.shape[2]],
    labels: indices.map((index) => of.labels[index]!),
    batch: (from, to) =>
      prepareImages({ images: of.images, shape: dataset.shape }, indices.subarray(from, to), preprocessing)
  })
  return {
    stepsPerEpoch,
    batch(epoch, step) {
      const positions = positionsOf(epoch).subarray(step * batchSize, (step + 1) * batchSize)
      const indices = positions.map((position) => split.train[position]!)
      const images = fillTrainingBatch({ ...pixels, ...preprocessing, indices, augmentation, seed, epoch, step })
      return { images, labels: positions.map((position) => labels[position]!), count: positions.length }
    },
    countOf: (step) => Math.min(batchSize, count - step * batchSize),
    test: source(
      test,
      Int32Array.from({ length: test.count }, (_, index) => index)
    ),
    validation: split.validation.length ? source(train, split.validation) : null
  }
}
