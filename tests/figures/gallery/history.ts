import { makeHistory, nineSubjects, seededSubjects } from '../fixture-reports.ts'
import type { Example } from './gallery.ts'

export const historyExamples: Example[] = [
  { name: 'history', about: 'A baseline and a self-distilled run.', report: () => makeHistory() },
  {
    name: 'history-seeds',
    about: 'Three seeds each, three exits.',
    report: () => makeHistory({ subjects: seededSubjects, exits: 3, epochs: 12 })
  },
  {
    name: 'history-steps',
    about: 'Before the first epoch has ended: steps.',
    report: () => makeHistory({ epochs: 0 }),
    options: { height: 520 }
  },
  { name: 'history-nine', about: 'Nine runs.', report: () => makeHistory({ subjects: nineSubjects, epochs: 12 }) }
]
