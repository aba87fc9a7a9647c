import type { MenuItemConstructorOptions } from 'electron'
import { labelRecent } from './preferences.ts'

/** What a menu item makes the shell do. */
export type MenuAction =
  /** Told to the page of the window in front, which knows the command by this name. */
  | { kind: 'command'; command: string }
  | { kind: 'open-folder' }
  | { kind: 'open-recent'; path: string }
  | { kind: 'clear-recent' }
  | { kind: 'restart-engine' }

export type MenuOptions = {
  platform: string
  isPackaged: boolean
  /** Paths opened lately, newest first. */
  recent: readonly string[]
  /** Those of them that are not there any more. */
  missing: ReadonlySet<string>
  /** True where the engine has died too often and waits to be started again. */
  isEngineDown: boolean
  act(action: MenuAction): void
}

type Items = MenuItemConstructorOptions[]

const separator = { type: 'separator' } as const

/** Views in the order of their keys, with what the page calls them. */
const views = [
  ['Overview', 'view-overview'],
  ['Knows?', 'view-knows'],
  ['Flat?', 'view-flat'],
  ['Gradients?', 'view-gradients'],
  ['Learns?', 'view-learns'],
  ['Train', 'view-train'],
  ['Library', 'view-library']
] as const

/** The native menu of the lab. */
export function menuTemplate(options: MenuOptions): Items {
  const isMac = options.platform === 'darwin'
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    { label: '&File', submenu: fileItems(options, isMac) },
    { label: '&Edit', submenu: editItems(options, isMac) },
    { label: '&View', submenu: viewItems(options) },
    { label: '&Run', submenu: runItems(options) },
    ...(isMac ? [{ role: 'windowMenu' } as const] : []),
    { role: 'help', label: '&Help', submenu: helpItems(options, isMac) }
  ]
}

function commandItems({ act }: MenuOptions) {
  return (label: string, command: string, accelerator?: string): MenuItemConstructorOptions => ({
    id: command,
    label,
    ...(accelerator && { accelerator }),
    click: () => act({ kind: 'command', command })
  })
}

function fileItems(options: MenuOptions, isMac: boolean): Items {
  const { recent, missing, act } = options
  const item = commandItems(options)
  const recentItems: Items = recent.map((path) => ({
    // An ampersand would underline the letter after it.
    label: labelRecent(path, recent).replaceAll('&', '&&'),
    toolTip: path,
    enabled: !missing.has(path),
    click: () => act({ kind: 'open-recent', path })
  }))
  return [
    item('&Open Checkpoint…', 'open', 'CmdOrCtrl+O'),
    // A Mac's dialog takes both.
    ...(isMac
      ? []
      : [{ id: 'open-folder', label: 'Open &Folder…', click: () => act({ kind: 'open-folder' }) } as const]),
    {
      id: 'open-recent',
      label: 'Open Re&cent',
      enabled: recent.length > 0,
      submenu: [
        ...recentItems,
        separator,
        { id: 'clear-recent', label: 'Clear Recent Files', click: () => act({ kind: 'clear-recent' }) }
      ]
    },
    separator,
    item('&Export Figure…', 'export', 'CmdOrCtrl+E'),
    item('&Pin Figure', 'pin', 'CmdOrCtrl+P'),
    separator,
    { role: 'close' },
    ...(isMac ? [] : [{ role: 'quit' } as const])
  ]
}

function editItems(options: MenuOptions, isMac: boolean): Items {
  const item = commandItems(options)
  return [
    { role: 'undo' },
    { role: 'redo' },
    separator,
    { role: 'cut' },
    { role: 'copy' },
    { role: 'paste' },
    ...(isMac ? [{ role: 'pasteAndMatchStyle' } as const] : []),
    { role: 'delete' },
    { role: 'selectAll' },
    separator,
    item('Clear the Selection of Images', 'clear'),
    separator,
    item('All Commands…', 'palette', 'CmdOrCtrl+K')
  ]
}

function viewItems(options: MenuOptions): Items {
  const item = commandItems(options)
  return [
    ...views.map(([label, command], index) => item(label, command, `CmdOrCtrl+${index + 1}`)),
    separator,
    item('Show All Exits', 'exits-all'),
    separator,
    {
      label: 'Theme',
      submenu: [
        item('As the System', 'theme-system'),
        item('Light', 'theme-light'),
        item('Dark', 'theme-dark'),
        separator,
        item('Turn Motion On or Off', 'motion')
      ]
    },
    separator,
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    separator,
    { role: 'togglefullscreen' },
    ...(options.isPackaged ? [] : [separator, { role: 'forceReload' } as const, { role: 'toggleDevTools' } as const])
  ]
}

function runItems(options: MenuOptions): Items {
  const item = commandItems(options)
  return [
    item('&Run This Probe', 'run', 'CmdOrCtrl+Return'),
    item('&Cancel This Probe', 'cancel', 'CmdOrCtrl+.'),
    separator,
    item('&Pause Training', 'pause'),
    item('&Go On Training', 'resume'),
    separator,
    {
      id: 'restart-engine',
      label: 'Restart the &Engine',
      enabled: options.isEngineDown,
      click: () => options.act({ kind: 'restart-engine' })
    }
  ]
}

function helpItems(options: MenuOptions, isMac: boolean): Items {
  const item = commandItems(options)
  return [item('&Keyboard Shortcuts', 'keys'), ...(isMac ? [] : [separator, { role: 'about' } as const])]
}
