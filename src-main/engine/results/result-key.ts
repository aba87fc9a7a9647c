import { createHash } from 'node:crypto'
import type { Preprocessing } from '../../../src-shared/preprocessing.ts'

/** What a person said of a checkpoint that makes other numbers right. */
export type Said = {
  /** How its images are prepared. */
  preprocessing?: Preprocessing | undefined
  /** Which network it is, as `CheckpointFacts.named`. */
  architecture?: string | undefined
}

/**
 * What results of a checkpoint are found by, 64 hex digits: the hash of its weights; where somebody said how its images are
 * prepared, or which network it is, of all these.
 */
export function resultKey(hash: string, { preprocessing, architecture }: Said): string {
  if (!preprocessing && architecture === undefined) return hash
  const { size, mean, deviation, channelOrder = 'rgb', fit = 'pad' } = preprocessing ?? {}
  const parts = preprocessing ? [size, mean, deviation, channelOrder, fit] : []
  const text = JSON.stringify([hash, ...parts, ...(architecture === undefined ? [] : [architecture])])
  return createHash('sha256').update(text).digest('hex')
}
