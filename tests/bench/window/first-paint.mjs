import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { row } from './numbers.mjs'

const patienceMs = 60_000

/** Notes when the page says that its view is drawn. */
function noteReady() {
  new MutationObserver((_, observer) => {
    if (!document.documentElement?.hasAttribute('data-ready')) return
    observer.disconnect()
    globalThis.readyMs = performance.now()
  }).observe(document, { subtree: true, childList: true, attributes: true })
}

/** Opens the address in a new tab; milliseconds from navigation to the first paint, and to the drawn view. */
async function openOnce(context, url) {
  const page = await context.newPage()
  await page.addInitScript(noteReady)
  await page.goto(url)
  await page.waitForFunction(() => globalThis.readyMs !== undefined, undefined, { timeout: patienceMs })
  const times = await page.evaluate(() => ({
    paintMs: performance.getEntriesByName('first-contentful-paint')[0].startTime,
    readyMs: globalThis.readyMs
  }))
  await page.close()
  return times
}

const size = { viewport: { width: 1440, height: 900 } }

/** Each time a new home, server and browser. */
async function openCold({ startLab, launch }) {
  const home = mkdtempSync(join(tmpdir(), 'autodidact-bench-'))
  const [browser, lab] = [await launch(), await startLab(home)]
  try {
    return await openOnce(await browser.newContext(size), lab.url)
  } finally {
    await browser.close()
    await lab.stop()
    rmSync(home, { recursive: true, force: true })
  }
}

/** The second and later times in a browser, on a server that has been used. */
async function openWarm({ startLab, launch, home }, runs) {
  const [browser, lab] = [await launch(), await startLab(home)]
  try {
    const context = await browser.newContext(size)
    await openOnce(context, lab.url)
    const times = []
    for (let run = 0; run < runs; run++) times.push(await openOnce(context, lab.url.split('?')[0]))
    return times
  } finally {
    await browser.close()
    await lab.stop()
  }
}

/** Rows on how fast the overview of the shipped samples is there. */
export async function measureFirstPaint(world, runs) {
  const cold = []
  for (let run = 0; run < runs; run++) cold.push(await openCold(world))
  const warm = await openWarm(world, runs)
  return Object.entries({ cold, warm }).flatMap(([name, times]) => [
    row(
      `first paint, ${name}`,
      'ms',
      times.map(({ paintMs }) => paintMs),
      { target: 1000 }
    ),
    row(
      `then until the overview is drawn, ${name}`,
      'ms',
      times.map(({ paintMs, readyMs }) => readyMs - paintMs),
      {
        target: 2000
      }
    )
  ])
}
