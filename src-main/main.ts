// The desktop's program, built to out/main.js: the life of the app. What it consists of is put together in shell/desktop.ts.
import { app, dialog } from 'electron'
import { packageVersion } from './package-root.ts'
import { registerAppScheme } from './shell/app-protocol.ts'
import { makeUserFolder, startDesktop, type Desktop } from './shell/desktop.ts'
import { readHandedOver, readStartPaths, toHandOver } from './shell/start-paths.ts'

let desktop: Desktop | null = null
let isEnding = false
/** Set where a start came while this process was ending: what it was to open. */
let next: string[] | null = null
/** What to open once everything is there. */
const waiting = readStartPaths(process.argv, { isPackaged: app.isPackaged, cwd: process.cwd() })

function open(paths: string[]): void {
  if (isEnding) next = [...(next ?? []), ...paths]
  else if (desktop) desktop.open(paths)
  else waiting.push(...paths)
}

/** What can't go on is said in one sentence. */
function fail(error: unknown): void {
  dialog.showErrorBox('Autodidact cannot start', error instanceof Error ? error.message : String(error))
  app.exit(1)
}

async function end(): Promise<void> {
  isEnding = true
  await desktop?.end().catch(() => undefined)
  if (next) app.relaunch({ args: [...(app.isPackaged ? [] : [app.getAppPath()]), '--', ...next] })
  app.exit(0)
}

function begin(): void {
  app.on('second-instance', (_event, _argv, _cwd, data) => open(readHandedOver(data)))
  app.on('activate', () => open([]))
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin' && !desktop?.isInBackground) app.quit()
  })
  // Windows are gone by now; the engine saves what runs.
  app.on('will-quit', (event) => {
    if (!desktop) return
    event.preventDefault()
    if (!isEnding) void end()
  })
  app
    .whenReady()
    .then(() => (desktop = startDesktop(waiting)))
    .catch(fail)
}

app.enableSandbox()
registerAppScheme()
app.setName('Autodidact')
app.setAppUserModelId('io.github.autodidact')
app.setAboutPanelOptions({ applicationName: 'Autodidact', applicationVersion: packageVersion })
app.on('open-file', (event, path) => {
  event.preventDefault()
  open([path])
})
try {
  app.setPath('userData', makeUserFolder())
  // Who wants Node gets none from a packed program, and no window either: its arguments are not files to open.
  if (process.env.ELECTRON_RUN_AS_NODE) app.exit(1)
  else if (app.requestSingleInstanceLock(toHandOver(waiting))) begin()
  else app.quit()
} catch (error) {
  fail(error)
}
