/**
 * Runs in every page before its own scripts: `electron` for the preload script, and the page's ends of the ports.
 * Self-contained but for `createCodec`, whose source is put before it.
 */
export function installInPage({ preload, createCodec }) {
  if (window !== window.top) return
  const { encode, decode } = createCodec()
  const post = (message) => window.__standInHear(encode(message))
  const listeners = new Map()
  const ends = new Map()

  function openPort(id) {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = ({ data }) => post({ port: id, data })
    port1.addEventListener('close', () => {
      if (ends.delete(id)) post({ close: id })
    })
    ends.set(id, port1)
    return port2
  }

  Object.defineProperty(window, '__standInTake', {
    value: (texts) => {
      for (const text of texts) {
        const { name, port, close, data, ports = [] } = decode(text)
        if (name !== undefined) {
          const event = { ports: ports.map(openPort) }
          for (const listener of listeners.get(name) ?? []) listener(event, data)
        } else if (close !== undefined) {
          const end = ends.get(close)
          ends.delete(close)
          end?.close()
        } else ends.get(port)?.postMessage(data)
      }
    }
  })
  window.open = (url = 'about:blank') => {
    post({ opened: String(url) })
    return null
  }

  // Links that would open a window ask as `window.open` does, after the page's own listeners.
  const onClick = (event) => {
    const link = event.target.closest?.('a[href]')
    const isElsewhere =
      (link?.target && link.target !== '_self') || event.ctrlKey || event.metaKey || event.button === 1
    if (!link || !isElsewhere || event.defaultPrevented) return
    event.preventDefault()
    post({ opened: link.href })
  }
  window.addEventListener('click', onClick)
  window.addEventListener('auxclick', onClick)
  // Chromium tells the colour that a page names for its surroundings.
  document.addEventListener('DOMContentLoaded', () => {
    let told = null
    const tell = () => {
      const color = document.querySelector('meta[name="theme-color"]')?.content ?? null
      if (color !== told) post({ color })
      told = color
    }
    tell()
    new MutationObserver(tell).observe(document.head, { subtree: true, childList: true, attributes: true })
  })

  const electron = {
    contextBridge: {
      exposeInMainWorld: (key, api) =>
        Object.defineProperty(window, key, { value: Object.freeze({ ...api }), enumerable: true })
    },
    ipcRenderer: {
      on: (channel, listener) => void listeners.set(channel, [...(listeners.get(channel) ?? []), listener])
    },
    // A test says where its files lie: no page can make one that has a place on the disk.
    webUtils: { getPathForFile: ({ name }) => window.__standInFiles?.[name] ?? '' }
  }
  const require = (name) => {
    if (name === 'electron') return electron
    throw new Error(`A sandboxed preload script can't load ${name}.`)
  }
  new Function('require', 'module', 'exports', preload)(require, { exports: {} }, {})
}
