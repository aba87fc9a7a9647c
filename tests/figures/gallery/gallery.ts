import type { AnyReport } from '../../../src-shared/reports.ts'
import type { RenderFigureOptions } from '../../../src-main/cli/render-figure.ts'
import { discriminativenessExamples } from './discriminativeness.ts'
import { embeddingExamples } from './embedding.ts'
import { flatnessExamples } from './flatness.ts'
import { gradientsExamples } from './gradients.ts'
import { historyExamples } from './history.ts'

/** A picture of the gallery: a report made here, drawn with options. */
export type Example = { name: string; about: string; report: () => AnyReport; options?: RenderFigureOptions }

/** Every picture, in the order of the page. */
export const gallery: Example[] = [
  ...embeddingExamples,
  ...discriminativenessExamples,
  ...flatnessExamples,
  ...gradientsExamples,
  ...historyExamples
]
