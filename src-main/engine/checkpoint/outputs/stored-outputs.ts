import type { StoredTensor } from '../format.ts'

/** What a network gave on images, whatever framework ran it; the values are read while the file is open. */
export type StoredOutputs = {
  /** Class of each image, 0-based [N]. */
  labels: StoredTensor
  /** Shallowest first. */
  exits: { exit: number; logits: StoredTensor; features: StoredTensor | null }[]
  /** The images themselves [N,H,W,C], bytes or numbers in 0..1, where the file holds them. */
  images: StoredTensor | null
  count: number
  classes: number
}
