import { chromium } from 'playwright-core'

let context = null

/** Connects to the Chromium that the test has started. */
export async function connectBrowser() {
  const browser = await chromium.connectOverCDP(process.env.STAND_IN_CHROMIUM)
  context = browser.contexts()[0]
}

/** Where windows open. */
export const browserContext = () => context
