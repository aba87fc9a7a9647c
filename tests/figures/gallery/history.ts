import { makeHistory, nineSubjects, seededSubjects } from '../fixture-reports.ts'
import { addCosts, makeMethods, makeRounds } from '../history-reports.ts'
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
  { name: 'history-nine', about: 'Nine runs.', report: () => makeHistory({ subjects: nineSubjects, epochs: 12 }) },
  {
    name: 'history-methods',
    about: 'Methods with one exit: the terms of each loss, and which of them is most of it.',
    report: () => makeMethods()
  },
  {
    name: 'history-cost',
    about: 'A run with a teacher against two without, over multiply-adds.',
    report: () => addCosts(makeMethods(['baseline', 'kd', 'mutual-learning']), (index) => (index === 1 ? 6 : 0)),
    options: { props: { over: 'multiply-adds' } }
  },
  { name: 'history-rounds', about: 'Three rounds, one network after another.', report: () => makeRounds() }
]
