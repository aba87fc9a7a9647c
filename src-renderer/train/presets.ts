import type { TrainOptions } from '../../src-shared/train-options.ts'

/** A start for a run: what it is for, and the options that it sets. */
export type TrainPreset = { id: string; title: string; text: string; options: TrainOptions }

/** The cards of the Train view, the quickest first. */
export const trainPresets = [
  {
    id: 'first-look',
    title: 'A first look',
    text: '6,000 images, 3 epochs, a small network: to see how it goes.',
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
    text: '4,000 images, 40 % of their labels random, as the noisy samples: shows who memorises.',
    options: { width: 8, limit: 4000, labelNoise: 0.4, epochs: 12, augment: false }
  },
  {
    id: 'byot',
    title: 'Be Your Own Teacher',
    text: 'The recipe of public code for the paper: 200 epochs, width 64. Wants a GPU and hours.',
    options: { recipe: 'byot', width: 64 }
  }
] as const satisfies readonly TrainPreset[]
