import { EventEmitter } from 'node:events'

// What a desktop has and a test can't see: each is remembered, and answers what a test may change.

/** Dialogs are closed without an answer, and questions answered with their preset, unless a test replaces the method. */
export const dialog = {
  errors: [],
  showOpenDialog: async () => ({ canceled: true, filePaths: [] }),
  showSaveDialog: async () => ({ canceled: true, filePath: '' }),
  showMessageBox: async (...args) => ({ response: args.at(-1).defaultId ?? 0, checkboxChecked: false }),
  showErrorBox(title, content) {
    this.errors.push({ title, content })
    process.stderr.write(`${title}: ${content}\n`)
  }
}

export class ClipboardItem {
  constructor(items) {
    this.items = items
  }
  get types() {
    return Object.keys(this.items)
  }
  getType = async (type) => this.items[type]
}

let held = []
export const clipboard = {
  clear: () => void (held = []),
  has: async (type) => held.some(({ types }) => types.includes(type)),
  read: async () => held,
  write: async (items) => void (held = items),
  readText: async () => (await held[0]?.getType('text/plain')) ?? '',
  writeText: async (text) => void (held = [new ClipboardItem({ 'text/plain': text })])
}

const pngSignature = '89504e470d0a1a0a'
export const nativeImage = {
  createFromBuffer(bytes) {
    const isPng = bytes.subarray(0, 8).toString('hex') === pngSignature
    const size = isPng ? { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) } : { width: 0, height: 0 }
    return { isEmpty: () => !isPng, getSize: () => size, toPNG: () => bytes }
  }
}

export const shell = {
  shown: [],
  opened: [],
  showItemInFolder: (path) => void shell.shown.push(path),
  openExternal: async (url) => void shell.opened.push(url)
}

const display = { id: 1, bounds: { x: 0, y: 0, width: 1920, height: 1080 }, scaleFactor: 1 }
export const screen = Object.assign(new EventEmitter(), {
  displays: [{ ...display, workArea: { x: 0, y: 24, width: 1920, height: 1056 } }],
  getAllDisplays: () => screen.displays,
  getPrimaryDisplay: () => screen.displays[0]
})

export const nativeTheme = Object.assign(new EventEmitter(), {
  shouldUseDarkColors: process.env.STAND_IN_DARK === '1',
  themeSource: 'system'
})

let lastBlocker = 0
export const powerSaveBlocker = {
  started: new Set(),
  start(type) {
    if (type !== 'prevent-app-suspension' && type !== 'prevent-display-sleep') throw new TypeError(type)
    this.started.add(++lastBlocker)
    return lastBlocker
  },
  stop: (id) => powerSaveBlocker.started.delete(id),
  isStarted: (id) => powerSaveBlocker.started.has(id)
}
