import { createHash } from 'node:crypto'
import type { Preprocessing } from '../../../src-shared/preprocessing.ts'

/**
 * What results of a checkpoint are found by, 64 hex digits: the hash of its weights; where somebody said how its images are
 * prepared, of both, for then other numbers are right.
 */
export function resultKey(hash: string, said: Preprocessing | undefined): string {
  if (!said) return hash
  const { size, mean, deviation, channelOrder = 'rgb', fit = 'pad' } = said
  const text = JSON.stringify([hash, size, mean, deviation, channelOrder, fit])
  return createHash('sha256').update(text).digest('hex')
}
