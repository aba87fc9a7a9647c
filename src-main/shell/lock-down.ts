import { app, session, type Session, type WebContents } from 'electron'
import { isAppAddress } from './app-address.ts'

/**
 * Takes from every page what none of ours needs: other addresses, new windows, permissions, devices, downloads. Must be
 * called once the app is ready, before the first window.
 */
export function lockDown({ isPackaged }: { isPackaged: boolean }): void {
  app.on('web-contents-created', (_event, contents) => lockContents(contents))
  app.on('session-created', (one) => lockSession(one, isPackaged))
  lockSession(session.defaultSession, isPackaged)
}

function lockContents(contents: WebContents): void {
  contents.on('will-navigate', (event) => event.preventDefault())
  contents.on('will-frame-navigate', (event) => event.preventDefault())
  contents.on('will-redirect', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
}

function lockSession(one: Session, isPackaged: boolean): void {
  one.setPermissionRequestHandler((_contents, _permission, callback) => callback(false))
  one.setPermissionCheckHandler(() => false)
  one.setDevicePermissionHandler(() => false)
  one.setDisplayMediaRequestHandler((_request, callback) => callback(null))
  one.on('will-download', (event) => event.preventDefault())
  one.webRequest.onBeforeRequest(({ url }, callback) => callback({ cancel: !isAllowedRequest(url, isPackaged) }))
}

/** Whether a page may ask for an address at all: our own, what it has made itself, and the developer's tools. */
export function isAllowedRequest(address: string, isPackaged: boolean): boolean {
  if (isAppAddress(address)) return true
  if (/^(blob:app:\/\/lab\/|data:)/.test(address)) return true
  return !isPackaged && /^(devtools|chrome-devtools):\/\//.test(address)
}
