import type { EngineResult } from '../../../src-shared/contract.ts'
import { accuracy, crossEntropy, ensembleLogits } from '../../../src-shared/science/softmax.ts'
import type { ExitMatrices } from './run-network.ts'

/** Accuracy (0..1) and mean cross entropy of every exit and of the ensemble, the mean of the exits' logits. */
export function summarize(exits: ExitMatrices[], labels: ArrayLike<number>): EngineResult<'evaluate'> {
  const ensemble = ensembleLogits(exits.map(({ logits }) => logits))
  return {
    exits: exits.map(({ exit, logits }) => ({
      exit,
      accuracy: accuracy(logits, labels),
      loss: crossEntropy(logits, labels)
    })),
    ensemble: { accuracy: accuracy(ensemble, labels), loss: crossEntropy(ensemble, labels) }
  }
}
