import { makeFlatness, nineSubjects, seededSubjects } from '../fixture-reports.ts'
import type { Example } from './gallery.ts'

export const flatnessExamples: Example[] = [
  { name: 'flatness', about: 'Two checkpoints under protocol B.', report: () => makeFlatness() },
  {
    name: 'flatness-protocols',
    about: 'Protocols A and B on both splits.',
    report: () => makeFlatness({ protocols: ['a', 'b'], splits: ['train', 'test'] }),
    options: { title: 'Accuracy under weight noise' }
  },
  {
    name: 'flatness-loss-seeds',
    about: 'Loss, three seeds of each method: means, bands over seeds.',
    report: () => makeFlatness({ subjects: seededSubjects, exits: 3 }),
    options: { props: { quantity: 'loss' }, style: 'paper' }
  },
  {
    name: 'flatness-nine',
    about: 'Nine checkpoints.',
    report: () => makeFlatness({ subjects: nineSubjects }),
    options: { width: 1000, height: 420 }
  }
]
