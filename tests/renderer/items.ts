import type { LibraryItem } from '../../src-shared/library.ts'

/** A library item as the engine gives it, with a network of four exits. */
export function makeItem(changed: Partial<LibraryItem> & { accuracies?: (number | null)[] } = {}): LibraryItem {
  const { accuracies = [0.8, 0.81, 0.82, 0.79], ...rest } = changed
  const deepest = 4
  return {
    id: `id-${rest.name ?? 'one'}`,
    path: `/lab/${rest.name ?? 'one'}.safetensors`,
    name: 'one',
    source: 'file',
    state: 'ready',
    problem: '',
    network: 'ResNet18, width 8, 10 classes, 4 exits',
    group: 'one',
    role: 'self-distillation',
    seed: 0,
    hash: 'ab',
    dataset: 'fashion-mnist',
    classes: [],
    exits: accuracies.map((accuracy, index) => ({
      exit: deepest - accuracies.length + index + 1,
      accuracy,
      multiplyAdds: 1e6 * (index + 1),
      parameters: 1e4 * (index + 1),
      acceleration: accuracies.length / (index + 1),
      compression: accuracies.length / (index + 1)
    })),
    ensembleAccuracy: 0.83,
    evaluatedOn: 'fashion-mnist test, 10,000 images',
    epochsDone: 0,
    epochs: 0,
    changedAt: '2026-01-01T00:00:00.000Z',
    openedAt: '',
    tags: [],
    note: '',
    ...rest
  }
}
