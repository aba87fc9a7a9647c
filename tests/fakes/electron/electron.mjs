import * as standIn from './electron.mjs'
import { life } from './app.mjs'
import { connectBrowser } from './browser.mjs'
import { obeyTest } from './control.mjs'
import { startServer } from './protocol.mjs'
import { killUtilityProcesses } from './utility-process.mjs'

export { app } from './app.mjs'
export { BrowserWindow } from './browser-window.mjs'
export {
  clipboard,
  ClipboardItem,
  dialog,
  nativeImage,
  nativeTheme,
  powerSaveBlocker,
  screen,
  shell
} from './desktop-parts.mjs'
export { Menu } from './menu.mjs'
export { MessageChannelMain } from './ports.mjs'
export { protocol } from './protocol.mjs'
export { session } from './session.mjs'
export { utilityProcess } from './utility-process.mjs'

life.prepare = async () => {
  await connectBrowser()
  await startServer()
}
life.atExit.push(killUtilityProcesses)
obeyTest(standIn)
