import type { Browser } from 'playwright-core'
import { packageRoot } from '../../src-main/package-root.ts'
import { launchBrowser } from '../../tools/browser.mjs'
import { findChromium } from '../../tools/setup/chromium.mjs'
import { createContext } from '../../tools/setup/context.mjs'

const context = createContext(packageRoot)
let found: string | null | undefined

/** The program of a Chromium, as `npm test` found it or else as it is found here; null where there is none. */
export function chromiumPath(): string | null {
  if (found === undefined) found = (findChromium(context) as string | undefined) ?? null
  return found
}

/** Starts it without a window, nothing of it reaching out of this machine; the caller closes it. Throws where there is none. */
export async function launchChromium(): Promise<Browser> {
  const path = chromiumPath()
  if (!path) throw new Error('No Chromium is found: install one, or set CHROMIUM_PATH to a Chrome or Edge.')
  return (await launchBrowser(path, context)) as Browser
}
