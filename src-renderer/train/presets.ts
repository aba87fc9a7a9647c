import type { TrainOptions } from '../../src-shared/train-options.ts'

/** A start for a run: what it is for, and the options that it sets. */
export type TrainPreset = { id: string; title: string; text: string; options: TrainOptions }

/** The cards of the Train view, the quickest first. */
export const trainPresets: readonly TrainPreset[] = [
  {
    id: 'first-look',
    title: 'A first look',
    text: '6,000 images, 3 epochs, a small network: minutes, also without a GPU.',
    options: { width: 8, limit: 6000, epochs: 3 }
  },
  {
    id: 'standard',
    title: 'Standard',
    text: 'All images, 12 epochs, width 16: a network to measure things on.',
    options: { width: 16 }
  },
  {
    id: 'noisy',
    title: 'Noisy labels',
    text: 'As the samples: 4,000 images, 40 % of the labels random, no augmentation. Shows who memorises.',
    options: { width: 8, limit: 4000, labelNoise: 0.4, epochs: 12, augment: false }
  },
  {
    id: 'byot',
    title: 'Be Your Own Teacher',
    text: 'The recipe of the paper’s public code: 200 epochs, width 64, steps at 75, 130 and 180. For a GPU.',
    options: { recipe: 'byot', width: 64 }
  }
]
