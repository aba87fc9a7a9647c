import type { TrainOptions } from '../../src-shared/train-options.ts'

/** A start for a run: what it is for, and the options that it sets. */
export type TrainStart = { id: string; title: string; text: string; options: TrainOptions }

/** The cards of the Train view, the quickest first. */
export const trainStarts = [
  {
    id: 'first-look',
    title: 'A first look',
    text: '6,000 images, 3 epochs, a small network: to see how it goes.',
    options: { width: 8, limit: 6000, epochs: 3 }
  },
  {
    id: 'cnn',
    title: 'Teaching CNN',
    text: 'Six plain convolutions in three stages, 6,000 images: small enough for a lesson.',
    options: { network: 'cnn', width: 8, limit: 6000, epochs: 5 }
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
    options: { recipe: 'byot', width: 64, method: 'self-distillation' }
  },
  {
    id: 'byot-journal',
    title: 'Be Your Own Teacher (journal)',
    text: 'The authors’ later code: 250 epochs, separable heads, AutoAugment, Cutout. Wants a GPU and hours.',
    options: { recipe: 'byot-journal', preset: 'byot-journal', width: 64, method: 'self-distillation' }
  }
] as const satisfies readonly TrainStart[]
