import { makeDiscriminativeness, nineSubjects, seededSubjects } from '../fixture-reports.ts'
import type { Example } from './gallery.ts'

export const discriminativenessExamples: Example[] = [
  { name: 'discriminativeness', about: 'Two checkpoints.', report: () => makeDiscriminativeness() },
  {
    name: 'discriminativeness-seeds',
    about: 'Three seeds of each of two methods: means, whiskers over seeds.',
    report: () => makeDiscriminativeness({ subjects: seededSubjects }),
    options: { style: 'paper' }
  },
  {
    name: 'discriminativeness-nine',
    about: 'Nine checkpoints, three exits, a long name.',
    report: () => makeDiscriminativeness({ subjects: nineSubjects, exits: 3 })
  }
]
