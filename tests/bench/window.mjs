// How the window feels: `node tests/bench/window.mjs [--json FILE] [--only paint,frames,clicks,bundle] [--rounds N]`.
//
// Serves the built lab (`npm run build`) from a home of its own and drives a Chromium without a GPU: time to the first
// paint and to the drawn overview, frames per second over maps of 10,000 points (made up, and only in that home), answers
// to clicks while a network trains, size of the page. Prints a table beside what was promised, and ends with 1 where a
// promise is missed in every run. CHROMIUM_PATH names the browser.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { launchBrowser } from '../../tools/browser.mjs'
import { startServedLab } from '../../tools/served-lab.mjs'
import { findChromium } from '../../tools/setup/chromium.mjs'
import { createContext } from '../../tools/setup/context.mjs'
import { measureBundle } from './window/bundle.mjs'
import { measureClicks } from './window/clicks.mjs'
import { measureFirstPaint } from './window/first-paint.mjs'
import { measureFrames } from './window/frames.mjs'
import { storeMadeUpMaps } from './window/made-up-maps.mjs'
import { drawTable, judge } from './window/numbers.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const parts = ['bundle', 'paint', 'frames', 'clicks']
const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    only: { type: 'string', default: parts.join() },
    rounds: { type: 'string', default: '3' }
  }
})
const wanted = values.only.split(',')
const rounds = Number(values.rounds)
const say = (sentence) => process.stderr.write(`${sentence}\n`)
const load = () => loadavg()[0].toFixed(1)
if (!wanted.every((name) => parts.includes(name)) || !(rounds >= 1)) {
  say(`--only takes some of ${parts.join()}, and --rounds a number from 1 on.`)
  process.exit(2)
}

const context = createContext(root)
const chromium = findChromium(context)
if (!chromium) {
  say('No Chromium is found; install one, or set CHROMIUM_PATH to a Chrome or Edge.')
  process.exit(1)
}
const home = mkdtempSync(join(tmpdir(), 'autodidact-bench-'))
const world = {
  home,
  startLab: (home) => startServedLab({ root, home }),
  launch: () => launchBrowser(chromium, context)
}

/** Measures on one page of a lab; gives what `measure` gives. */
async function onPage(measure) {
  const [browser, lab] = [await world.launch(), await world.startLab(home)]
  try {
    return await measure(await browser.newPage({ viewport: { width: 1440, height: 900 } }), lab.url)
  } finally {
    await browser.close()
    await lab.stop()
  }
}

let steps = []
const measures = {
  bundle: () => measureBundle(join(root, 'out', 'web')),
  paint: () => measureFirstPaint(world, rounds + 2),
  frames: () => onPage((page, url) => measureFrames(page, url, rounds)),
  clicks: async () => {
    const clicks = await onPage((page, url) => measureClicks(page, url, rounds))
    steps = clicks.steps
    return clicks.rows
  }
}

const rows = []
const loads = [load()]
try {
  storeMadeUpMaps(root, home)
  for (const name of wanted) {
    say(`${name} (load ${load()})`)
    rows.push(...(await measures[name]()))
  }
} finally {
  rmSync(home, { recursive: true, force: true, maxRetries: 5 })
}
loads.push(load())
const machine = `${cpus().length} x ${cpus()[0].model}, Node ${process.versions.node}, load ${loads.join(' before, ')} after`
console.log(`${machine}\n${drawTable(rows)}`)
const slow = steps.toSorted((a, b) => b.answerMs - a.answerMs).slice(0, 3)
if (slow.length > 0)
  console.log(
    `slowest clicks while training: ${slow.map(({ click, answerMs }) => `${click} ${answerMs.toFixed(0)} ms`).join(', ')}`
  )
const verdicts = rows.map((each) => ({ ...each, verdict: judge(each) }))
if (values.json) writeFileSync(values.json, `${JSON.stringify({ machine, rows: verdicts, steps }, null, 2)}\n`)
process.exitCode = verdicts.some(({ verdict }) => verdict === 'missed') ? 1 : 0
