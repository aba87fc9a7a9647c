import { makeEmbedding, twoSubjects } from '../fixture-reports.ts'
import type { Example } from './gallery.ts'

export const embeddingExamples: Example[] = [
  { name: 'embedding', about: 'Two checkpoints, four exits.', report: () => makeEmbedding({ images: 100 }) },
  {
    name: 'embedding-many-classes',
    about: 'A hundred classes: grey, eight highlighted.',
    report: () =>
      makeEmbedding({ subjects: twoSubjects.slice(1), classes: 100, images: 300, exits: 3, dataset: 'cifar100' }),
    options: { title: 'Features of 100 classes' }
  }
]
