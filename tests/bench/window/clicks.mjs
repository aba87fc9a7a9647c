import { row, median, quantile } from './numbers.mjs'

const id = (name) => `[data-testid="${name}"]`
const view = (place, name) => ({ click: id(`${place}-${name}`), seen: id(`view-${name}`) })
const newRun = { click: id('train-new'), seen: id('train-start') }
const run = { click: id('train-run'), seen: id('train-live') }
const train = { click: id('place-train'), seen: id('train-live') }
const pressed = (name, isOn = true) => ({ click: id(name), seen: `${id(name)}[aria-pressed="${isOn}"]` })

/** Clicks of somebody who looks around while a network trains, and what shows that each is answered. */
const walk = [
  newRun,
  pressed('preset-noisy'),
  pressed('preset-first-look'),
  pressed('preset-standard'),
  run,
  view('place', 'library'),
  train,
  newRun,
  pressed('preset-noisy'),
  pressed('preset-first-look'),
  view('place', 'overview'),
  pressed('exit-2'),
  pressed('exit-2', false),
  view('tab', 'knows'),
  pressed('exit-1'),
  pressed('exit-1', false),
  train,
  view('place', 'overview'),
  view('tab', 'flat'),
  view('tab', 'gradients'),
  train
]

/** Makes `globalThis.answered` the time from the next press to the end of the frame that shows `seen`, milliseconds. */
function awaitAnswer(seen) {
  globalThis.answered = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`No click has shown ${seen}.`)), 20_000)
    const onPress = ({ timeStamp }) => {
      const observer = new MutationObserver(() => {
        if (!document.querySelector(seen)) return
        observer.disconnect()
        requestAnimationFrame(() => {
          // A message posted here is read once the frame is drawn.
          const { port1, port2 } = new MessageChannel()
          port1.onmessage = () => resolve(performance.now() - timeStamp)
          port2.postMessage(null)
        })
      })
      observer.observe(document, { subtree: true, childList: true, attributes: true })
    }
    addEventListener('pointerdown', onPress, { capture: true, once: true })
  })
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

async function clickOnce(page, { click, seen }) {
  await page.evaluate(awaitAnswer, seen)
  await page.click(click)
  return page.evaluate(() => globalThis.answered)
}

/** One round of the walk: each click's time, milliseconds. Pauses differ, so that clicks meet the redraws anywhere. */
async function walkOnce(page, round) {
  const times = []
  for (const [position, step] of walk.entries()) {
    await wait(200 + ((137 * (position + 7 * round)) % 400))
    times.push(await clickOnce(page, step))
  }
  return times
}

/** Starts a training that lasts longer than the measurement, and waits until it is drawn. */
async function startTraining(page) {
  await page.click(id('place-train'))
  await page.click(id('preset-standard'))
  await page.click(id('train-start'))
  const curve = `${id('train-live')}[data-state="running"] [aria-label="Training history"] path`
  await page.waitForSelector(curve, { timeout: 120_000, state: 'attached' })
}

/** The long tasks of the page (50 ms or more) while nobody touches it: how many a second, and the longest. */
async function watchLongTasks(page, ms) {
  const tasks = await page.evaluate(
    (ms) =>
      new Promise((resolve) => {
        const found = []
        const observer = new PerformanceObserver((list) => found.push(...list.getEntries().map((one) => one.duration)))
        observer.observe({ type: 'longtask' })
        setTimeout(() => resolve(found), ms)
      }),
    ms
  )
  return { each: (1000 * tasks.length) / ms, longest: Math.max(0, ...tasks) }
}

/** Rows on how soon the window answers a click while a network trains and while it pauses, and on the page's long tasks. */
export async function measureClicks(page, url, rounds) {
  await page.goto(url)
  await startTraining(page)
  // The first visit of a view loads what it shows.
  await walkOnce(page, 0)
  const [tasks, training, paused] = [[], [], []]
  for (let round = 0; round < rounds; round++) {
    tasks.push(await watchLongTasks(page, 5000))
    training.push(await walkOnce(page, round))
  }
  await page.click(id('train-pause'))
  await page.waitForSelector(`${id('train-live')}[data-state="paused"]`)
  for (let round = 0; round < rounds; round++) paused.push(await walkOnce(page, round))
  await page.click(id('train-stop'))
  const rows = Object.entries({ training, paused }).flatMap(([name, all]) => [
    row(`click, ${name}: median`, 'ms', all.map(median)),
    row(
      `click, ${name}: 95 % within`,
      'ms',
      all.map((each) => quantile(each, 0.95)),
      {
        ...(name === 'training' && { target: 100 })
      }
    ),
    row(
      `click, ${name}: slowest`,
      'ms',
      all.map((each) => Math.max(...each))
    )
  ])
  const steps = walk.map(({ click, seen }, position) => {
    const times = training.map((each) => each[position])
    return { click, seen, medianMs: median(times), slowestMs: Math.max(...times) }
  })
  rows.push(
    row(
      'long tasks of the page, training',
      '/s',
      tasks.map(({ each }) => each),
      { digits: 2 }
    ),
    row(
      'the longest of them',
      'ms',
      tasks.map(({ longest }) => longest)
    )
  )
  return { rows, steps }
}
