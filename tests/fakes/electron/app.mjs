import { EventEmitter } from 'node:events'
import { existsSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** An event that its listeners may refuse. */
export function makeEvent(fields = {}) {
  const event = { ...fields, defaultPrevented: false }
  event.preventDefault = () => (event.defaultPrevented = true)
  return event
}

/** Filled by the other parts: what happens before the app is ready, what windows there are, what ends with it. */
export const life = { prepare: async () => undefined, windows: new Set(), atExit: [] }

const paths = {
  home: homedir(),
  temp: tmpdir(),
  documents: join(homedir(), 'Documents'),
  downloads: join(homedir(), 'Downloads'),
  userData: join(tmpdir(), `electron-stand-in-${process.pid}`)
}
let isReady = false
let isQuitting = false

class App extends EventEmitter {
  isPackaged = false
  name = 'Electron'
  /** What was asked of the system, in order, as [method, ...arguments]. */
  asked = []

  constructor() {
    super()
    // Chromium asks the page first, then this; here the main module runs to its end first.
    this.ready = new Promise((resolve) => setImmediate(resolve))
      .then(() => life.prepare())
      .then(() => {
        isReady = true
        this.emit('ready', {}, {})
      })
    this.ready.catch((error) => {
      process.stderr.write(`stand-in: ${error.stack}\n`)
      process.exit(1)
    })
  }

  whenReady = () => this.ready
  isReady = () => isReady
  getName = () => this.name
  setName = (name) => void (this.name = name)
  getVersion = () => '0.0.0'
  getAppPath = () => dirname(dirname(process.argv[1]))
  getPath = (name) => paths[name]
  setPath(name, path) {
    if (!existsSync(path)) throw new Error(`Failed to set path: ${path} does not exist.`)
    paths[name] = path
  }

  requestSingleInstanceLock(data) {
    this.asked.push(['requestSingleInstanceLock', data])
    return process.env.STAND_IN_LOCK !== 'taken'
  }

  enableSandbox() {
    if (isReady) throw new Error('app.enableSandbox() can only be called before app is ready')
    this.asked.push(['enableSandbox'])
  }

  setAppUserModelId = (...args) => void this.asked.push(['setAppUserModelId', ...args])
  setAboutPanelOptions = (...args) => void this.asked.push(['setAboutPanelOptions', ...args])
  addRecentDocument = (...args) => void this.asked.push(['addRecentDocument', ...args])
  clearRecentDocuments = (...args) => void this.asked.push(['clearRecentDocuments', ...args])
  relaunch = (...args) => void this.asked.push(['relaunch', ...args])

  quit() {
    const before = makeEvent()
    this.emit('before-quit', before)
    if (before.defaultPrevented) return
    isQuitting = true
    for (const window of [...life.windows]) {
      window.close()
      if (life.windows.has(window)) return void (isQuitting = false)
    }
    this.finish()
  }

  /** The last window is gone, by the user or because the program quits. */
  noteLastWindowClosed() {
    if (isQuitting) return
    if (this.listenerCount('window-all-closed') === 0) this.quit()
    else this.emit('window-all-closed')
  }

  finish() {
    const will = makeEvent()
    this.emit('will-quit', will)
    if (will.defaultPrevented) return void (isQuitting = false)
    this.exit(0)
  }

  exit(code = 0) {
    this.emit('quit', {}, code)
    for (const end of life.atExit) end()
    process.exit(code)
  }
}

export const app = new App()

// As Electron does on systems that know signals.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => app.quit())
