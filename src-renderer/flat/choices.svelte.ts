import type { Protocol } from '../../src-shared/reports.ts'
import type { FlatnessQuantity } from '../figures/flatness-series.ts'

export type SplitChoice = 'test' | 'train' | 'both'

/** What the view Flat? shows of its report; kept while the window is open. */
class FlatChoices {
  quantity = $state<FlatnessQuantity>('accuracy')
  /** Protocols that are not shown. */
  hidden = $state.raw<readonly Protocol[]>([])
  split = $state<SplitChoice>('test')
  /** Where the cursor stands: the protocol that is read, and sigma; 0 until something was pointed at. */
  protocol = $state<Protocol>('a')
  sigma = $state(0)

  toggle(protocol: Protocol, measured: readonly Protocol[]): void {
    const shown = measured.filter((one) => !this.hidden.includes(one))
    if (!shown.includes(protocol)) this.hidden = this.hidden.filter((one) => one !== protocol)
    else if (shown.length > 1) this.hidden = [...this.hidden, protocol]
  }

  point(protocol: Protocol, sigma: number): void {
    this.protocol = protocol
    this.sigma = sigma
  }
}

/** One for the window. */
export const flatChoices = new FlatChoices()
