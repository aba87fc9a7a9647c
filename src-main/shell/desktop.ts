import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { app, BrowserWindow, dialog, Menu, session } from 'electron'
import { explainFileError } from '../file-errors.ts'
import { findLabHome } from '../lab-home.ts'
import { packageRoot, packageVersion, resourcesFolder } from '../package-root.ts'
import { serveApp } from './app-protocol.ts'
import { createEngineHost } from './engine-host.ts'
import { guardTraining } from './guard-training.ts'
import { watchJobs } from './job-watch.ts'
import { openLabWindow, type LabWindow } from './lab-window.ts'
import { lockDown } from './lock-down.ts'
import { menuTemplate, type MenuAction } from './menu-template.ts'
import { addRecent, openPreferences } from './preferences.ts'
import { openDialogOf } from './shell-handlers.ts'
import { openWindowState } from './window-state.ts'

/** The running desktop: what the program's events are handed to. */
export type Desktop = {
  /** Opens files in the window in front, which is shown; with none, only shows it. */
  open(paths: string[]): void
  /** Ends engine and jobs in good order, and writes what is still to be written. */
  end(): Promise<void>
  /** True while a training is to go on without a window. */
  readonly isInBackground: boolean
}

/** The folder of the shell's own settings, in the lab's home: a home has one desktop. Throws UserError if it can't be made. */
export function makeUserFolder(): string {
  const folder = join(findLabHome(), 'desktop')
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw explainFileError(error, folder)
  }
  return folder
}

/** Starts engine, menu and window, once the app is ready and this is its only process. Throws Error with a sentence. */
export function startDesktop(paths: string[]): Desktop {
  const out = join(packageRoot, 'out')
  const page = join(out, 'web')
  if (!existsSync(join(page, 'index.html')))
    throw new Error(`The page of the lab is not built: ${page} has no index.html; run npm run build.`)
  const { isPackaged } = app
  const folder = app.getPath('userData')
  const state = openWindowState(join(folder, 'window.json'))
  const preferences = openPreferences(join(folder, 'preferences.json'))
  const windows = new Map<BrowserWindow, LabWindow>()
  let missing: ReadonlySet<string> = new Set()
  /** True where the list was cleared while no page was there to hear of it. */
  let isClearedUnheard = false
  const engine = createEngineHost({
    entry: join(out, 'engine-process.js'),
    jobEntry: join(out, 'job-process.js'),
    config: { home: findLabHome(), roots: null }
  })
  const jobs = watchJobs(engine)
  const guard = guardTraining(jobs)

  lockDown({ isPackaged })
  serveApp(page)
  engine.watch(() => showMenu())
  engine.start()
  showMenu()
  open(paths)

  function showMenu(): void {
    const { recent } = preferences.value
    const options = { platform: process.platform, isPackaged, recent, missing, isEngineDown: engine.isDown, act }
    Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(options)))
  }

  function remember(opened: string[]): void {
    const recent = addRecent(preferences.value.recent, opened)
    if (recent.join('\n') === preferences.value.recent.join('\n')) return
    preferences.change({ recent })
    for (const path of opened) app.addRecentDocument(path)
    showMenu()
  }

  /** What the library says was opened lately: it knows of dropped files too, and of what is gone. */
  function showRecent(files: readonly { path: string; isMissing: boolean }[]): void {
    const recent = files.map(({ path }) => path)
    missing = new Set(files.filter(({ isMissing }) => isMissing).map(({ path }) => path))
    if (recent.join('\n') !== preferences.value.recent.join('\n')) preferences.change({ recent })
    showMenu()
  }

  /** Forgets the list; what was opened stays in the library. */
  function clearRecent(): void {
    preferences.change({ recent: [] })
    app.clearRecentDocuments()
    showMenu()
    isClearedUnheard = windows.size === 0
    for (const { events } of windows.values()) events.tell({ kind: 'menu', command: 'clear-recent' })
  }

  function openWindow(): LabWindow {
    const made = openLabWindow({
      engine,
      state,
      preferences,
      preload: join(out, 'preload.cjs'),
      icon: join(resourcesFolder, 'icons', 'icon-512.png'),
      version: packageVersion,
      isPackaged,
      remember,
      showRecent
    })
    windows.set(made.window, made)
    if (isClearedUnheard) made.events.tell({ kind: 'menu', command: 'clear-recent' })
    isClearedUnheard = false
    guard.watchWindow(made.window)
    made.window.on('closed', () => windows.delete(made.window))
    return made
  }

  /** The window in front; a new one where there is none. */
  function frontWindow(): LabWindow {
    const focused = BrowserWindow.getFocusedWindow()
    return (focused && windows.get(focused)) ?? [...windows.values()].at(-1) ?? openWindow()
  }

  function open(paths: string[]): void {
    const { window, events } = frontWindow()
    if (window.isMinimized()) window.restore()
    // A window that is still loading is shown when it has something to show.
    if (window.isVisible()) window.focus()
    if (paths.length === 0) return
    remember(paths)
    events.tell({ kind: 'open', paths })
  }

  async function openFolder(): Promise<void> {
    const { window } = frontWindow()
    const { canceled, filePaths } = await dialog.showOpenDialog(window, openDialogOf(true, process.platform))
    if (!canceled) open(filePaths)
  }

  function act(action: MenuAction): void {
    if (action.kind === 'command') frontWindow().events.tell({ kind: 'menu', command: action.command })
    else if (action.kind === 'open-folder') void openFolder()
    else if (action.kind === 'open-recent') open([action.path])
    else if (action.kind === 'restart-engine') engine.start()
    else clearRecent()
  }

  return {
    open,
    async end() {
      // What the page keeps for its next opening is otherwise written some seconds later.
      session.defaultSession.flushStorageData()
      await engine.stop()
      await Promise.all([state.settled(), preferences.settled()])
    },
    get isInBackground() {
      return guard.isInBackground
    }
  }
}
