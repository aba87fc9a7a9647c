import type { PartFilter } from './parts.ts'
import type { DiffOrder } from './diff-rows.ts'
import type { TensorOrder } from './tensor-rows.ts'

/** What the view Inside? shows; kept while the window is open. */
class InspectChoices {
  mode = $state<'tensors' | 'differences'>('tensors')
  /** Ids of library items; empty for the focused subject, and for another subject to compare it with. */
  first = $state('')
  second = $state('')
  search = $state('')
  /** The part of the network whose tensors are listed; null for all. */
  part = $state.raw<PartFilter | null>(null)
  order = $state.raw<TensorOrder | null>(null)
  diffOrder = $state.raw<DiffOrder | null>(null)
  /** Name of the tensor that is marked. */
  tensor = $state('')
  isLog = $state(false)
  isDiffLog = $state(true)
  onlyChanged = $state(true)

  /** Shows one item, or two side by side. */
  look(first: string, second?: string): void {
    this.first = first
    this.second = second ?? ''
    this.mode = second === undefined ? 'tensors' : 'differences'
    this.part = null
    this.search = ''
  }
}

/** One for the window. */
export const inspectChoices = new InspectChoices()
