import {
  BrowserWindow,
  MessageChannelMain,
  nativeTheme,
  screen,
  type MessagePortMain,
  type WebContents
} from 'electron'
import { serve } from '../../src-shared/rpc.ts'
import { shellCalls } from '../../src-shared/shell-contract.ts'
import { portTransport } from '../../src-shared/transports.ts'
import { entryAddress, isAppAddress } from './app-address.ts'
import type { EngineHost } from './engine-host.ts'
import type { JsonFile } from './json-file.ts'
import type { Preferences } from './preferences.ts'
import { RestartPolicy } from './restart-policy.ts'
import { createShellHandlers } from './shell-handlers.ts'
import { createWindowEvents, type WindowEvents } from './window-events.ts'
import { placeWindow, smallest, type WindowState } from './window-state.ts'

/** What windows are made with. */
export type WindowParts = {
  engine: EngineHost
  state: JsonFile<WindowState>
  preferences: JsonFile<Preferences>
  /** The built preload script, and the picture of the program. */
  preload: string
  icon: string
  version: string
  isPackaged: boolean
  remember(paths: string[]): void
  showRecent(files: readonly { path: string; isMissing: boolean }[]): void
}

/** A window of the lab. */
export type LabWindow = { window: BrowserWindow; events: WindowEvents }

const backgrounds = { light: '#ffffff', dark: '#14171c' } as const

/** Opens a window with the page; it is shown once there is something to see. */
export function openLabWindow(parts: WindowParts): LabWindow {
  const { engine, state, preload, icon, isPackaged } = parts
  const areas = [screen.getPrimaryDisplay(), ...screen.getAllDisplays()].map(({ workArea }) => workArea)
  const window = new BrowserWindow({
    ...placeWindow(state.value.bounds, areas),
    minWidth: smallest.width,
    minHeight: smallest.height,
    title: 'Autodidact',
    icon,
    show: false,
    backgroundColor: state.value.background ?? backgrounds[nativeTheme.shouldUseDarkColors ? 'dark' : 'light'],
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      // It would fetch dictionaries from the network.
      spellcheck: false,
      devTools: !isPackaged
    }
  })
  const events = createWindowEvents(() => engine.current)
  window.once('ready-to-show', () => {
    if (state.value.isMaximized) window.maximize()
    window.show()
  })
  keepState(window, state)
  reviveCrashedPage(window.webContents)
  connectPage({ window, events }, parts)
  // A page that can't be loaded says so itself: it is one of our own files.
  window.loadURL(entryAddress).catch(() => undefined)
  return { window, events }
}

/** Remembers where the window is and the colour of its page, so that nothing flashes at the next start. */
function keepState(window: BrowserWindow, state: JsonFile<WindowState>): void {
  let timer: NodeJS.Timeout | undefined
  const keep = () => {
    clearTimeout(timer)
    if (!window.isDestroyed()) state.change({ bounds: window.getNormalBounds(), isMaximized: window.isMaximized() })
  }
  const keepSoon = () => {
    clearTimeout(timer)
    timer = setTimeout(keep, 500)
  }
  window.on('resize', keepSoon)
  window.on('move', keepSoon)
  window.on('maximize', keepSoon)
  window.on('unmaximize', keepSoon)
  window.on('close', keep)
  window.webContents.on('did-change-theme-color', (_event, color) => {
    if (color && /^#[0-9a-f]{6}$/i.test(color) && color !== state.value.background) state.change({ background: color })
  })
}

/** A page that crashed is loaded anew; one that does so over and over stays as it is. */
function reviveCrashedPage(contents: WebContents): void {
  const policy = new RestartPolicy()
  contents.on('render-process-gone', (_event, { reason }) => {
    const delayMs = reason === 'clean-exit' ? null : policy.noteDeath(Date.now())
    if (delayMs !== null) setTimeout(() => void (!contents.isDestroyed() && contents.reload()), delayMs)
  })
}

/**
 * Hands the page its ports each time it has been loaded, and another to the engine with each new engine. These are all
 * the ways into the shell: there are no channels that a page could send to. A foreign page gets none.
 */
function connectPage({ window, events }: LabWindow, parts: WindowParts): void {
  const { engine } = parts
  const { webContents } = window
  let closePage: () => void = () => undefined
  // A page that is still being read would miss what is posted.
  let isListening = false
  let hasEngine = false

  const post = (names: string[], ports: MessagePortMain[]) => webContents.postMessage('ports', names, ports)
  // A port in a page does not notice that its other end is gone: it is told.
  const postLoss = () => post(['engine'], [])
  webContents.on('did-navigate', () => {
    isListening = false
    closePage()
  })
  webContents.on('dom-ready', () => {
    closePage()
    if (!isAppAddress(webContents.getURL())) return
    isListening = true
    const { port1, port2 } = new MessageChannelMain()
    const transport = portTransport(port1)
    serve(shellCalls, createShellHandlers({ window, events, ...parts }), transport)
    closePage = () => transport.close('The page has been left.')
    const enginePort = engine.connect()
    hasEngine = enginePort !== null
    post(['engine', 'shell'], [enginePort ?? new MessageChannelMain().port1, port2])
    if (!hasEngine) postLoss()
  })
  const unwatch = engine.watch((state) => {
    if (state.state === 'stopped') {
      if (isListening && hasEngine) postLoss()
      hasEngine = false
    } else if (isListening && !hasEngine) {
      const port = engine.connect()
      if (port) post(['engine'], [port])
      hasEngine = port !== null
    }
    events.tell(state)
  })
  window.on('closed', () => {
    unwatch()
    closePage()
  })
}
