import { makeGradients, nineSubjects, seededSubjects } from '../fixture-reports.ts'
import type { Example } from './gallery.ts'

/** A report whose terms reach the layers up to their exit, with magnitudes of their own. */
export function makeTerms() {
  const report = makeGradients()
  for (const entry of report.checkpoints)
    entry.terms = [2, 4].map((exit) => ({
      term: 'crossEntropy' as const,
      exit,
      layers: entry.layers.map(({ name, stage, part, meanAbs }) => {
        const isReached = part === 'head' ? stage === exit : stage <= exit
        return { name, meanAbs: isReached ? (meanAbs * (5 - exit)) / (1 + stage) : 0, share: isReached ? exit / 6 : 0 }
      })
    })) as never
  return report
}

export const gradientsExamples: Example[] = [
  { name: 'gradients', about: 'ResNet18, two checkpoints.', report: () => makeGradients() },
  {
    name: 'gradients-deep',
    about: 'ResNet50 with its heads, seeds as bands.',
    report: () => makeGradients({ subjects: seededSubjects, deep: true }),
    options: { props: { part: 'all', scale: 'relative' }, title: 'Gradients of a deep network' }
  },
  {
    name: 'gradients-nine',
    about: 'Nine checkpoints in a narrow picture.',
    report: () => makeGradients({ subjects: nineSubjects, deep: true }),
    options: { width: 640, height: 440, style: 'paper' }
  },
  {
    name: 'gradients-term',
    about: 'One term of the loss, relative: the cross entropy of an exit reaches no layer behind it.',
    report: makeTerms,
    options: { props: { term: 'crossEntropy-2', scale: 'relative', part: 'all' } }
  }
]
