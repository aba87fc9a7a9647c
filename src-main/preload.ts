// Runs in the window before its page, in a world of its own: passes on the ports that the shell sends, and tells where a
// dropped file lies. Nothing else of the system reaches the page.
import { contextBridge, ipcRenderer, webUtils } from 'electron'

// What there is in a window, as far as it is used here: the programs of this folder know no DOM.
declare const window: { postMessage(message: unknown, targetOrigin: string, transfer: unknown[]): void }
declare const location: { origin: string }

contextBridge.exposeInMainWorld('autodidact', {
  pathForFile: (file: Parameters<typeof webUtils.getPathForFile>[0]) => webUtils.getPathForFile(file)
})
ipcRenderer.on('ports', ({ ports }, names: unknown) => {
  window.postMessage({ type: 'autodidact-ports', names }, location.origin, [...ports])
})
