import type { ImageLayout } from '../../data/image-layout.ts'
import type { StoredTensor } from '../format.ts'

/** What a network gave on images, whatever framework ran it; the values are read while the file is open. */
export type StoredOutputs = {
  /** Class of each image, 0-based [N] or [N,1]. */
  labels: StoredTensor
  /** Shallowest first; logits [N,C], features [N,d]. */
  exits: { exit: number; logits: StoredTensor; features: StoredTensor | null }[]
  /** The images themselves, bytes or numbers in 0..1, where the file holds them. */
  images: { tensor: StoredTensor; layout: ImageLayout } | null
  count: number
  classes: number
  /** Empty where the file has none. */
  classNames: string[]
}
