/** Where a drag with files is: over a subject's chip, over the bar of subjects, elsewhere over the window, or nowhere. */
export type DropTarget = { kind: 'chip'; group: string } | { kind: 'bar' } | { kind: 'window' } | null

/** The target of the drag that goes on, as the bar and its chips show it. */
export const drag = $state<{ target: DropTarget }>({ target: null })

/** The target under the pointer: what carries `data-drop-group` is a chip, what carries `data-drop-bar` the bar. */
export function targetAt(element: EventTarget | null): DropTarget {
  const place = element instanceof Element ? element : null
  const group = place?.closest('[data-drop-group]')?.getAttribute('data-drop-group')
  if (group != null) return { kind: 'chip', group }
  return place?.closest('[data-drop-bar]') ? { kind: 'bar' } : { kind: 'window' }
}

/** What a drop will do, in a sentence. */
export function describeDrop(target: DropTarget): string {
  if (target?.kind === 'chip') return `Adds them to ${target.group}, as further seeds of it.`
  if (target?.kind === 'bar') return 'Adds them as subjects, beside the others.'
  return 'Opens checkpoints, runs, and folders of checkpoints; onto a subject above, they join it.'
}
