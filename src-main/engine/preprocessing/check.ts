import type { CallOptions, EngineRequest, EngineResult } from '../../../src-shared/contract.ts'
import { UsageError } from '../../../src-shared/errors.ts'
import type { Preprocessing, SettledPreprocessing } from '../../../src-shared/preprocessing.ts'
import { argmax, crossEntropy } from '../../../src-shared/science/softmax.ts'
import { rowOf, type Matrix } from '../../../src-shared/science/matrix.ts'
import type { Backend } from '../backend/backend.ts'
import type { NetworkCheckpoint } from '../checkpoint/checkpoint.ts'
import { fitImages, normalise } from '../data/batches.ts'
import { loadDataset } from '../data/dataset.ts'
import type { Dataset } from '../data/dataset-types.ts'
import { balancedIndices } from '../data/selection.ts'
import { createRunner, type ImageSource } from '../evaluation/run-network.ts'
import { checkFit, withSubject } from '../evaluation/subject.ts'
import { progressMeter } from '../progress.ts'
import { firstAlternatives, furtherAlternatives, type Alternative } from './alternatives.ts'
import { isBetterThan, sentenceOf, warningOf, type Outcome } from './verdict.ts'
import { labelOf, settlePreprocessing } from './settle.ts'

/**
 * Asks a checkpoint's deepest exit for some images of a data set, prepared as is set (or as the request says) and in the
 * ways that are likely in its place. The images are read once, the network is put on the backend once, and each
 * alternative is one pass. Throws UsageError where classes or channels of the data are others than the network's.
 */
export async function checkPreprocessing(
  backend: Backend,
  { path, data, limit, seed, preprocessing }: EngineRequest<'checkPreprocessing'>,
  { onProgress, signal }: CallOptions = {}
): Promise<EngineResult<'checkPreprocessing'>> {
  return withSubject(backend, { path }, async ({ checkpoint, state }) => {
    const dataset = await loadDataset(data)
    requireSameClasses(checkpoint, dataset)
    const set = preprocessing ? asked(preprocessing, dataset) : settlePreprocessing(checkpoint, dataset)
    const images = chooseImages(dataset, limit, seed)
    const { size } = set.preprocessing
    checkFit(checkpoint.network, { shape: [size, size, dataset.shape[2]], labels: images.labels, name: data }, path)
    const first = firstAlternatives(set, dataset)
    // The second round is small.
    const meter = progressMeter(onProgress, first.length + 2)
    const runner = createRunner(backend, checkpoint.network, { wantsFeatures: false })
    const outcomes: Outcome[] = []
    const ask = async (alternatives: Alternative[]): Promise<void> => {
      for (const alternative of alternatives) {
        const done = outcomes.length
        const exits = await runner.run(state, images.as(alternative.preprocessing), {
          onFraction: (fraction) => meter.report(done + fraction, `Trying ${alternative.label}`),
          ...(signal ? { signal } : {})
        })
        outcomes.push(outcomeOf(alternative, exits.at(-1)!.logits, images.labels, done === 0))
      }
    }
    try {
      await ask(first)
      await ask(furtherAlternatives(bestOf(outcomes), first, dataset))
    } finally {
      runner.dispose()
    }
    const ranked = outcomes.toSorted(better)
    const [classes, count] = [dataset.classes.length, images.labels.length]
    return {
      set,
      alternatives: ranked.map(({ isRight: _, ...alternative }) => alternative),
      sentence: sentenceOf(ranked),
      isBetter: isBetterThan(
        ranked[0]!,
        ranked.find(({ isSet }) => isSet)!
      ),
      warning: warningOf(ranked[0]!.accuracy, classes, count),
      count,
      classes
    }
  })
}

const asked = (preprocessing: Preprocessing, dataset: Dataset): SettledPreprocessing => ({
  preprocessing,
  source: 'said',
  label: labelOf(preprocessing, dataset),
  reason: 'This is what was asked for.',
  isSure: true
})

/** Images drawn evenly over the classes, and what they are when prepared in some way; brought to size once. */
function chooseImages(dataset: Dataset, limit: number, seed: number) {
  const { shape, classes, splits } = dataset
  const split = splits.test
  const indices = balancedIndices(split.labels, Math.min(limit, split.count), classes.length, seed)
  let fitted: { key: string; bytes: Uint8Array } | null = null
  return {
    labels: indices.map((index) => split.labels[index]!),
    as(preprocessing: Preprocessing): ImageSource {
      const { size, fit = 'pad' } = preprocessing
      const key = `${size} ${fit}`
      if (fitted?.key !== key)
        fitted = { key, bytes: fitImages({ images: split.images, shape }, indices, preprocessing) }
      const { bytes } = fitted
      const length = size * size * shape[2]
      return {
        count: indices.length,
        shape: [size, size, shape[2]],
        batch: (from, to) => normalise(bytes.subarray(from * length, to * length), preprocessing, shape[2])
      }
    }
  }
}

function outcomeOf(alternative: Alternative, logits: Matrix, labels: Int32Array, isSet: boolean): Outcome {
  const isRight = Array.from(labels, (label, row) => argmax(rowOf(logits, row)) === label)
  const loss = crossEntropy(logits, labels)
  return {
    ...alternative,
    accuracy: isRight.filter(Boolean).length / labels.length,
    loss: Number.isFinite(loss) ? loss : null,
    isSet,
    isRight
  }
}

/** The most accurate first; of equals the one of the smaller loss. */
const better = (a: Outcome, b: Outcome): number =>
  b.accuracy - a.accuracy || (a.loss ?? Infinity) - (b.loss ?? Infinity) || Number(b.isSet) - Number(a.isSet)

const bestOf = (outcomes: readonly Outcome[]): Outcome => outcomes.toSorted(better)[0]!

function requireSameClasses({ network, path }: NetworkCheckpoint, { name, classes, splits }: Dataset): void {
  if (classes.length !== network.classes)
    throw new UsageError(
      `${path} knows ${network.classes} classes, but ${name} has ${classes.length}; choose a data set with as many.`
    )
  if (splits.test.count === 0) throw new UsageError(`${name} has no test images to ask it for.`)
}
