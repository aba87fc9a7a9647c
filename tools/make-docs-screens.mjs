// Takes the pictures in docs/screens: `node tools/make-docs-screens.mjs [--to DIR] [NAME...]`, after set-up. Serves a lab
// with the shipped samples from a home of its own, drives a Chromium through the screens of docs-screens.mjs, all of them
// or those named, and writes each as a PNG. A screen that does not become ready makes the program end with status 1.
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { screens } from './docs-screens.mjs'
import { startServedLab } from './served-lab.mjs'
import { runAfterSetup } from './setup.mjs'
import { ensureChromium } from './setup/chromium.mjs'
import { createContext } from './setup/context.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const patienceMs = 90_000
const say = (sentence) => process.stderr.write(`${sentence}\n`)

/** A PNG of the screen once the page says that it is drawn. Every screen has a browser's memory of its own. */
async function takePicture(browser, url, { view, width, height, theme, prepare }) {
  const options = { viewport: { width, height }, colorScheme: theme, reducedMotion: 'reduce', deviceScaleFactor: 1 }
  const browserContext = await browser.newContext(options)
  try {
    const page = await browserContext.newPage()
    await page.goto(`${url}#/${view}?theme=${theme}`)
    await page.waitForSelector('html[data-ready]', { timeout: patienceMs, state: 'attached' })
    await prepare(page)
    await page.evaluate(async () => {
      await document.fonts.ready
      for (let frame = 0; frame < 2; frame++) await new Promise((resolve) => requestAnimationFrame(resolve))
    })
    return await page.screenshot({ animations: 'disabled', caret: 'hide' })
  } finally {
    await browserContext.close()
  }
}

async function takePictures(wanted, folder, browser, url) {
  let status = 0
  for (const screen of wanted) {
    const file = join(folder, `${screen.name}.png`)
    try {
      writeFileSync(`${file}.part`, await takePicture(browser, url, screen))
      renameSync(`${file}.part`, file)
      say(`took ${relative('', file)}`)
    } catch (error) {
      say(`could not take ${relative('', file)}: ${error.message.split('\n')[0]}`)
      status = 1
    }
  }
  return status
}

const usage = 'Usage: node tools/make-docs-screens.mjs [--to DIR] [NAME...]'

function readArguments() {
  const options = { to: { type: 'string' }, help: { type: 'boolean' } }
  try {
    return parseArgs({ allowPositionals: true, options })
  } catch (error) {
    say(error.message)
    return { values: { help: true, problem: true }, positionals: [] }
  }
}

async function makeScreens() {
  const { values, positionals } = readArguments()
  if (values.help) {
    say(usage)
    return values.problem ? 2 : 0
  }
  const unknown = positionals.find((name) => screens.every((screen) => screen.name !== name))
  if (unknown !== undefined) {
    say(`There is no screen ${JSON.stringify(unknown)}; there are ${screens.map(({ name }) => name).join(', ')}.`)
    return 2
  }
  const context = createContext(root)
  const { path, reason } = ensureChromium(context, { mayInstall: false })
  if (!path) {
    say(reason.replace('The tests in a browser are skipped', 'There are no pictures'))
    return 1
  }
  const folder = resolve(values.to ?? join(root, 'docs', 'screens'))
  mkdirSync(folder, { recursive: true })
  const home = mkdtempSync(join(tmpdir(), 'autodidact-screens-'))
  const { launchBrowser } = await import('./browser.mjs')
  let lab
  let browser
  try {
    lab = await startServedLab({ root, home })
    browser = await launchBrowser(path, context)
    const wanted = screens.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
    return await takePictures(wanted, folder, browser, lab.url)
  } finally {
    await browser?.close()
    await lab?.stop()
    rmSync(home, { recursive: true, force: true })
  }
}

process.exitCode = await runAfterSetup(makeScreens)
