import { chromium } from 'playwright-core'
import { chromiumArguments } from './setup/chromium.mjs'

/** Starts the Chromium at `path` without a window; gives Playwright's browser. */
export const launchBrowser = (path, context) =>
  chromium.launch({ executablePath: path, headless: true, args: chromiumArguments(context) })
