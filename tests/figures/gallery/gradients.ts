import { makeGradients, nineSubjects, seededSubjects } from '../fixture-reports.ts'
import type { Example } from './gallery.ts'

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
  }
]
