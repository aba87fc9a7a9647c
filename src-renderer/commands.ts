import { isTraining } from '../src-shared/jobs.ts'
import type { App } from './app.ts'
import { recentCommands } from './recent-files.ts'
import type { ViewName } from './session.svelte.ts'
import { timelineCommands } from './timeline/timeline-commands.ts'

/** Something the user may do: in the palette, by key, from the native menu. */
export type Command = {
  id: string
  title: string
  /** As shown, for instance `Ctrl K`; matched by `matchesKeys`. */
  keys?: string
  run: () => void
  /** True where it can't be done now: it is listed, and greyed. */
  isDisabled?: boolean
}

/** What the figure in front offers to keys and palette. */
export type FigureActions = { run?: () => void; cancel?: () => void; exportFigure?: () => void; pin?: () => void }

/** Words for the views, as on their tabs. */
export const viewTitles: Record<ViewName, { title: string; hint: string }> = {
  overview: { title: 'Overview', hint: 'What these checkpoints show, claim by claim' },
  knows: { title: 'Knows?', hint: 'What each exit knows: maps of its features, and how dense its classes are' },
  flat: { title: 'Flat?', hint: 'How much accuracy each exit loses when its weights are shaken' },
  gradients: { title: 'Gradients?', hint: 'How strongly each layer is pulled while training' },
  learns: { title: 'Learns?', hint: 'How the runs went: losses and accuracies over time' },
  inspect: { title: 'Inside?', hint: 'What the files hold, tensor by tensor, and what tells two of them apart' },
  train: { title: 'Train', hint: 'Train a network, and see it live' },
  library: { title: 'Library', hint: 'Samples, runs and opened files' }
}

/** All commands of the window, in the palette's order. */
export function listCommands(app: App, ui: WindowActions): Command[] {
  const { session } = app
  const figure = ui.figure()
  const view = (name: ViewName, keys: string): Command => ({
    id: `view-${name}`,
    title: `Go to ${viewTitles[name].title.replace('?', '')}`,
    keys,
    run: () => session.show(name)
  })
  const training = app.lab.activeJobs.find(isTraining)
  const ask = (call: (request: { id: string }) => Promise<unknown>) => () =>
    void (training && call({ id: training.id }).catch((error: unknown) => app.toasts.complain(error)))
  const exits = session.exits.map((exit) => ({
    id: `exit-${exit}`,
    title: `Show exit ${exit} alone`,
    keys: `${exit}`,
    run: () => session.toggleExit(exit)
  }))
  return [
    { id: 'open', title: 'Open a checkpoint…', keys: 'Ctrl O', run: ui.open },
    { id: 'open-folder', title: 'Open a folder of checkpoints…', run: ui.openFolder },
    view('overview', 'G O'),
    view('knows', 'G K'),
    view('flat', 'G F'),
    view('gradients', 'G G'),
    view('learns', 'G L'),
    view('inspect', 'G I'),
    view('train', 'G T'),
    view('library', 'G B'),
    ...(figure.run ? [{ id: 'run', title: 'Run this probe', keys: 'R', run: figure.run }] : []),
    ...(figure.cancel ? [{ id: 'cancel', title: 'Cancel this probe', run: figure.cancel }] : []),
    ...(figure.exportFigure
      ? [{ id: 'export', title: 'Export this figure…', keys: 'E', run: figure.exportFigure }]
      : []),
    ...(figure.pin ? [{ id: 'pin', title: 'Pin this figure', keys: 'P', run: figure.pin }] : []),
    ...(training && training.state !== 'paused'
      ? [{ id: 'pause', title: 'Pause the training', run: ask(app.engine.pauseJob) }]
      : []),
    ...(training?.state === 'paused'
      ? [{ id: 'resume', title: 'Go on training', run: ask(app.engine.resumeJob) }]
      : []),
    ...exits,
    { id: 'exits-all', title: 'Show all exits', keys: '0', run: () => session.showAllExits() },
    {
      id: 'subject-previous',
      title: 'Previous subject on the exit rail',
      keys: '[',
      run: () => session.setFocus(session.focus - 1)
    },
    {
      id: 'subject-next',
      title: 'Next subject on the exit rail',
      keys: ']',
      run: () => session.setFocus(session.focus + 1)
    },
    ...timelineCommands(app),
    ...recentCommands(app),
    { id: 'clear', title: 'Clear the selection', keys: 'Escape', run: () => session.select([]) },
    { id: 'undo', title: 'Undo the last change of view', keys: 'Ctrl Z', run: () => session.undo() },
    { id: 'theme-light', title: 'Light theme', run: () => session.setTheme('light') },
    { id: 'theme-dark', title: 'Dark theme', run: () => session.setTheme('dark') },
    { id: 'theme-system', title: 'Theme of the system', run: () => session.setTheme('system') },
    {
      id: 'motion',
      title: session.hasMotion ? 'Turn motion off' : 'Turn motion on',
      run: () => session.setMotion(!session.hasMotion)
    },
    { id: 'keys', title: 'Show all shortcuts', keys: '?', run: ui.showKeys },
    { id: 'palette', title: 'All commands', keys: 'Ctrl K', run: ui.palette }
  ]
}

/** What commands may do to the window itself. */
export type WindowActions = {
  open: () => void
  openFolder: () => void
  palette: () => void
  showKeys: () => void
  figure: () => FigureActions
}

const isMac = () => /Mac/.test(navigator.platform)

/** How keys are written on this system: `Ctrl K` is `⌘K` on a Mac. */
export const showKeys = (keys: string): string => (isMac() ? keys.replace('Ctrl ', '⌘') : keys)

/** Reads key presses into commands; `G O` is two keys one after the other. Gives what handles a keydown. */
export function createKeyReader(list: () => Command[]): (event: KeyboardEvent) => void {
  let prefix = ''
  return (event) => {
    const target = event.target as HTMLElement | null
    const isTyping = target?.closest('input:not([type="range"]), textarea, select, [contenteditable]') != null
    const isInLayer = target?.closest('[role="dialog"], [role="menu"], [role="listbox"]') != null
    const withControl = isMac() ? event.metaKey : event.ctrlKey
    if (event.altKey || (!withControl && (isTyping || isInLayer))) return
    const key = event.key.length === 1 ? event.key.toUpperCase() : event.key
    const pressed = `${withControl ? 'Ctrl ' : ''}${prefix}${key}`
    prefix = ''
    if (isTyping && pressed === 'Ctrl Z') return
    const command = list().find(({ keys, isDisabled }) => keys === pressed && !isDisabled)
    if (command) {
      event.preventDefault()
      command.run()
    } else if (pressed === 'G') prefix = 'G '
  }
}
