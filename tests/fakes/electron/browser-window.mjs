import { EventEmitter } from 'node:events'
import { app, life, makeEvent } from './app.mjs'
import { browserContext } from './browser.mjs'
import { tellTest } from './control.mjs'
import { WebContents } from './web-contents.mjs'

let last = 0
/** Number of the window in front. */
let focused = 0

export class BrowserWindow extends EventEmitter {
  id = ++last
  state = { isVisible: false, isMinimized: false, isMaximized: false, progress: -1 }

  static getAllWindows = () => [...life.windows]
  static getFocusedWindow = () => [...life.windows].find(({ id }) => id === focused) ?? null
  static fromWebContents = (contents) => [...life.windows].find(({ webContents }) => webContents === contents) ?? null

  constructor(options) {
    super()
    this.options = options
    const { width = 800, height = 600, x = 0, y = 0 } = options
    this.bounds = { x, y, width, height }
    this.webContents = new WebContents(options.webPreferences, this.bounds)
    life.windows.add(this)
    this.webContents.once('did-finish-load', () => this.emit('ready-to-show'))
    this.webContents.on('destroyed', () => this.finish())
    if (options.show !== false) this.show()
    this.announce().catch(() => undefined)
  }

  /** Tells the test which page of Chromium this is. */
  async announce() {
    await this.webContents.opened
    const client = await browserContext().newCDPSession(this.webContents.page)
    const { targetInfo } = await client.send('Target.getTargetInfo')
    await client.detach()
    tellTest({ window: targetInfo.targetId })
  }

  loadURL = (url) => this.webContents.loadURL(url)
  show() {
    this.state.isVisible = true
    this.focus()
  }
  focus = () => void (focused = this.id)
  isFocused = () => focused === this.id
  hide = () => void (this.state.isVisible = false)
  isVisible = () => this.state.isVisible
  minimize = () => void (this.state.isMinimized = true)
  restore = () => void (this.state.isMinimized = false)
  isMinimized = () => this.state.isMinimized
  isMaximized = () => this.state.isMaximized
  maximize = () => this.setMaximized(true)
  unmaximize = () => this.setMaximized(false)
  setMaximized(isMaximized) {
    this.state.isMaximized = isMaximized
    this.emit(isMaximized ? 'maximize' : 'unmaximize')
  }
  getBounds = () => ({ ...this.bounds })
  getNormalBounds = () => ({ ...this.bounds })
  setBounds(bounds) {
    this.bounds = { ...this.bounds, ...bounds }
    this.emit('resize')
    this.emit('move')
  }
  setProgressBar = (fraction) => void (this.state.progress = fraction)
  isDestroyed = () => !life.windows.has(this)

  close() {
    const event = makeEvent()
    this.emit('close', event)
    if (!event.defaultPrevented) this.destroy()
  }

  destroy() {
    void this.webContents.opened.then(() => this.webContents.close())
    this.webContents.leave()
  }

  finish() {
    if (!life.windows.delete(this)) return
    this.emit('closed')
    if (life.windows.size === 0) app.noteLastWindowClosed()
  }
}
