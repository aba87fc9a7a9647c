import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { app, makeEvent } from './app.mjs'
import { browserContext } from './browser.mjs'
import { createCodec } from './codec.mjs'
import { installInPage } from './in-page.mjs'
import { Carrier } from './ports.mjs'
import { toApp, toReal } from './protocol.mjs'
import { session } from './session.mjs'

const { encode, decode } = createCodec()

/** The page of a window. */
export class WebContents extends EventEmitter {
  session = session.defaultSession
  page = null
  isGone = false
  isOwnNavigation = false
  isNewDocument = false
  openHandler = () => ({ action: 'allow' })

  constructor(preferences, { width, height }) {
    super()
    this.preferences = preferences
    this.carrier = this.makeCarrier()
    this.opened = this.open({ width, height })
    this.opened.catch((error) => process.stderr.write(`stand-in: ${error.stack}\n`))
    app.emit('web-contents-created', {}, this)
  }

  async open(viewport) {
    const page = (this.page = await browserContext().newPage())
    await page.setViewportSize(viewport)
    await page.exposeBinding('__standInHear', ({ frame }, text) => {
      if (frame === page.mainFrame()) this.hear(decode(text))
    })
    const preload = readFileSync(this.preferences.preload, 'utf8')
    await page.addInitScript(`(${installInPage})({ preload: ${JSON.stringify(preload)}, createCodec: ${createCodec} })`)
    await page.route('**/*', (route, request) => this.route(route, request))
    page.on('popup', (popup) => {
      this.openHandler({ url: toApp(popup.url()), disposition: 'new-window' })
      popup.close().catch(() => undefined)
    })
    page.on('framenavigated', (frame) => {
      if (frame !== page.mainFrame() || !this.isNewDocument) return
      this.isNewDocument = false
      this.emit('did-navigate', {}, this.getURL())
    })
    page.on('domcontentloaded', () => {
      this.carrier.closeAll()
      this.carrier = this.makeCarrier()
      this.emit('dom-ready', {})
    })
    page.on('load', () => this.emit('did-finish-load', {}))
    page.on('crash', () => this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 }))
    page.on('close', () => this.leave())
  }

  makeCarrier() {
    let waiting = []
    let isSending = false
    const flush = async () => {
      if (isSending) return
      isSending = true
      while (waiting.length > 0 && carrier === this.carrier && !this.isGone) {
        const texts = waiting
        waiting = []
        await this.page.evaluate((list) => window.__standInTake(list), texts).catch(() => undefined)
      }
      isSending = false
    }
    const carrier = new Carrier((message) => {
      waiting.push(encode(message))
      void flush()
    })
    return carrier
  }

  hear(message) {
    if (message.opened !== undefined) {
      const { action } = this.openHandler({ url: message.opened, disposition: 'new-window' })
      if (action !== 'deny') throw new Error('The stand-in opens no windows for pages.')
    } else if (message.color !== undefined) this.emit('did-change-theme-color', {}, message.color)
    else this.carrier.take(message)
  }

  async route(route, request) {
    const url = toApp(request.url())
    const isNavigation = request.isNavigationRequest() && request.frame() === this.page.mainFrame()
    if (isNavigation && !this.isOwnNavigation) {
      const event = makeEvent({ url, isMainFrame: true })
      this.emit('will-frame-navigate', event)
      this.emit('will-navigate', event, url)
      if (event.defaultPrevented) return route.abort('aborted')
    }
    if (isNavigation) this.isOwnNavigation = false
    this.isNewDocument ||= isNavigation
    if (!(await this.session.allows(url))) return route.abort('blockedbyclient')
    return route.continue()
  }

  async loadURL(url) {
    await this.opened
    this.isOwnNavigation = true
    await this.page.goto(toReal(url))
  }

  reload() {
    this.isOwnNavigation = true
    this.page.reload().catch(() => undefined)
  }

  postMessage(channel, data, ports) {
    if (!this.isGone) this.carrier.post(channel, structuredClone(data), ports)
  }

  leave() {
    if (this.isGone) return
    this.isGone = true
    this.carrier.closeAll()
    this.emit('destroyed')
  }

  getURL = () => toApp(this.page?.url() ?? '')
  getTitle = () => this.page?.title()
  isDestroyed = () => this.isGone
  setWindowOpenHandler = (handler) => void (this.openHandler = handler)
  close = () => this.page?.close().catch(() => undefined)
}
