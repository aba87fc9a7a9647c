import type { GradientsPart, GradientsScale } from '../figures/gradients-series.ts'
import type { GradientsTerm } from '../figures/gradients-terms.ts'

/** What the view Gradients? shows of its report; kept while the window is open. */
class GradientsChoices {
  scale = $state<GradientsScale>('raw')
  part = $state<GradientsPart>('backbone')
  term = $state<GradientsTerm>('total')
  /** Name of the layer that is marked; empty until one was pointed at. */
  layer = $state('')
}

/** One for the window. */
export const gradientsChoices = new GradientsChoices()
