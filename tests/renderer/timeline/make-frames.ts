import type { Frame } from '../../../src-shared/library.ts'

/** Frames of a network with four exits: at epoch 5 the deepest one has an accuracy of 5 %; the others are not measured. */
export const makeFrames = (epochs: readonly (number | null)[]): Frame[] =>
  epochs.map((epoch, i) => ({
    path: `/frames/${epoch ?? `unknown-${i}`}.pth`,
    label: epoch === null ? `unknown-${i}` : `epoch ${epoch}`,
    epoch,
    hash: `h${epoch ?? `-${i}`}`,
    changedAt: '2026-01-01T00:00:00.000Z',
    accuracies: [null, null, null, epoch === null ? null : epoch / 100],
    ensembleAccuracy: null,
    evaluatedOn: epoch === null ? '' : 'fashion-mnist test, 10,000 images'
  }))
