import { EventEmitter } from 'node:events'

class Session extends EventEmitter {
  /** As the program set them; null lets everything through, as in Electron. */
  handlers = { request: null, check: null, device: null, media: null, before: null }

  setPermissionRequestHandler = (handler) => void (this.handlers.request = handler)
  setPermissionCheckHandler = (handler) => void (this.handlers.check = handler)
  setDevicePermissionHandler = (handler) => void (this.handlers.device = handler)
  setDisplayMediaRequestHandler = (handler) => void (this.handlers.media = handler)
  flushStorageData = () => undefined
  webRequest = { onBeforeRequest: (handler) => void (this.handlers.before = handler) }

  /** For tests: what a page would get that asks for a permission. */
  async askPermission(contents, permission) {
    const { request, check } = this.handlers
    const isGranted = await new Promise((resolve) =>
      request ? request(contents, permission, resolve, {}) : resolve(true)
    )
    return { isGranted, isChecked: check ? check(contents, permission, 'app://lab', {}) : true }
  }

  /** Whether a request may leave the page. */
  allows(url) {
    const { before } = this.handlers
    if (!before) return Promise.resolve(true)
    return new Promise((resolve) => before({ url, method: 'GET' }, ({ cancel }) => resolve(!cancel)))
  }
}

const defaultSession = new Session()
export const session = { defaultSession }
