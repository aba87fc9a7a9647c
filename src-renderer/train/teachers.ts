import type { LibraryItem } from '../../src-shared/library.ts'

type Item = Pick<LibraryItem, 'path' | 'name' | 'network' | 'state' | 'dataset' | 'classes' | 'exits' | 'isOutputs'>

/** Checkpoints that know as many classes as a data set has: those trained on it first, then the others. */
export function teachersFor(
  items: readonly Item[],
  dataset: { name: string; classes: readonly string[] } | undefined
): Item[] {
  if (!dataset) return []
  const fit = items.filter(
    ({ state, classes, network, isOutputs }) =>
      !isOutputs &&
      (state === 'ready' || state === 'paused') &&
      network !== '' &&
      classes.length === dataset.classes.length
  )
  const isSame = (item: Item) => item.dataset === dataset.name
  return [...fit.filter(isSame), ...fit.filter((item) => !isSame(item))]
}

/** What is said of a checkpoint that may teach, for instance `ResNet18, width 8, 10 classes, 4 exits; 89.1 %`. */
export function describeTeacher({ network, exits }: Item): string {
  const accuracy = exits.at(-1)?.accuracy ?? null
  return accuracy === null ? network : `${network}; ${(100 * accuracy).toFixed(1)} % right`
}
