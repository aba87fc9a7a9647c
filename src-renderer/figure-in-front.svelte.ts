import { createContext, untrack } from 'svelte'
import type { FigureActions } from './commands.ts'

/** Which figure keys and palette act on: the one pointed at or focused last, else the first of the view. */
export class FigureInFront {
  private list = $state.raw<{ id: string; actions: () => FigureActions }[]>([])
  private chosen = $state('')
  actions = $derived.by(() => (this.list.find(({ id }) => id === this.chosen) ?? this.list[0])?.actions() ?? {})

  /** Puts a figure into the list; gives what takes it out. */
  add(id: string, actions: () => FigureActions): () => void {
    // Called from effects, which must not run again for the list's own change.
    const change = (next: (list: typeof this.list) => typeof this.list) => (this.list = next(untrack(() => this.list)))
    change((list) => [...list, { id, actions }])
    return () => change((list) => list.filter((one) => one.id !== id))
  }

  choose(id: string): void {
    this.chosen = id
  }
}

export const [getFigureInFront, setFigureInFront] = createContext<FigureInFront>()
