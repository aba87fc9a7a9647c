import { UsageError } from '../../../src-shared/errors.ts'
import { createRandom } from '../../../src-shared/science/random.ts'

type Labels = ArrayLike<number>

/** The numbers 0 to count - 1 in an order that `keys` decide. */
export function shuffledIndices(count: number, ...keys: (number | string)[]): Int32Array {
  return createRandom(...keys).shuffle(Int32Array.from({ length: count }, (_, index) => index))
}

/** Positions of each class's members within `labels`, ascending. */
function membersByClass(labels: Labels, classes: number): number[][] {
  const members = Array.from({ length: classes }, (): number[] => [])
  for (let index = 0; index < labels.length; index++) members[labels[index]!]?.push(index)
  return members
}

/**
 * Positions of `limit` images drawn evenly over the classes, ascending; null takes all.
 *
 * Class counts differ by one at most, except where a class has no more images. With one seed, a smaller limit's
 * images are among a larger one's. Throws UsageError if there are fewer images than `limit`.
 */
export function balancedIndices(labels: Labels, limit: number | null, classes: number, seed: number): Int32Array {
  if (limit === null) return Int32Array.from({ length: labels.length }, (_, index) => index)
  if (limit > labels.length)
    throw new UsageError(`The limit of ${limit} images is more than the ${labels.length} images there are.`)
  const queues = membersByClass(labels, classes).map((members, label) => {
    const order = shuffledIndices(members.length, seed, 'balanced', label)
    return Array.from(order, (position) => members[position]!)
  })
  const turns = Array.from(shuffledIndices(classes, seed, 'balanced-classes'), (label) => queues[label]!)
  const chosen: number[] = []
  for (let round = 0; chosen.length < limit; round++)
    for (const queue of turns) if (round < queue.length && chosen.length < limit) chosen.push(queue[round]!)
  return Int32Array.from(chosen).sort()
}

/**
 * Labels of which exactly round(share * N), chosen by the seed, are replaced by a uniformly drawn class.
 *
 * The drawn class may be the old one, so about share * (1 - 1/classes) of the labels become wrong.
 */
export function withLabelNoise(labels: Labels, share: number, classes: number, seed: number): Int32Array {
  const noisy = Int32Array.from(labels)
  const replaced = shuffledIndices(noisy.length, seed, 'label-noise').subarray(0, Math.round(share * noisy.length))
  const random = createRandom(seed, 'label-noise-classes')
  for (const index of replaced) noisy[index] = random.integer(classes)
  return noisy
}

/**
 * Holds out round(share * n) of each class's n images, but never the last one of a class; both parts ascending.
 *
 * `indices` are positions in `labels`, and so are the results.
 */
export function splitValidation(
  indices: Int32Array,
  labels: Labels,
  share: number,
  seed: number
): { train: Int32Array; validation: Int32Array } {
  const byClass = new Map<number, number[]>()
  for (const index of indices) {
    const label = labels[index]!
    const members = byClass.get(label)
    if (members) members.push(index)
    else byClass.set(label, [index])
  }
  const train: number[] = []
  const validation: number[] = []
  for (const [label, members] of byClass) {
    const held = Math.min(Math.round(share * members.length), members.length - 1)
    const order = shuffledIndices(members.length, seed, 'validation', label)
    order.forEach((position, rank) => (rank < held ? validation : train).push(members[position]!))
  }
  return { train: Int32Array.from(train).sort(), validation: Int32Array.from(validation).sort() }
}
