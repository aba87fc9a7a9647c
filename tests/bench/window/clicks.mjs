import { row, median, quantile } from './numbers.mjs'

const id = (name) => `[data-testid="${name}"]`
/** A click, what shows that it was heard, and what shows that all it asks for is there. */
const step = (name, answer, result = answer) => ({ click: id(name), answer, result })
const ready = (name) => `html[data-ready] ${id(name)}`
const tab = (name) => step(`tab-${name}`, `${id(`tab-${name}`)}[aria-selected="true"]`, ready(`view-${name}`))
const place = (name, shows = `view-${name}`) =>
  step(`place-${name}`, `${id(`place-${name}`)}[aria-current]`, ready(shows))
const newRun = step('train-new', `${id('train-new')}[aria-current]`, id('train-start'))
const run = step('train-run', `${id('train-run')}[aria-current]`, id('train-live'))
const train = place('train', 'train-live')
const pressed = (name, isOn = true) => step(name, `${id(name)}[aria-pressed="${isOn}"]`)

/** Clicks of somebody who looks around while a network trains. */
const walk = [
  newRun,
  pressed('preset-noisy'),
  pressed('preset-first-look'),
  pressed('preset-standard'),
  run,
  place('library'),
  train,
  newRun,
  pressed('preset-noisy'),
  pressed('preset-first-look'),
  place('overview'),
  pressed('exit-2'),
  pressed('exit-2', false),
  tab('knows'),
  pressed('exit-1'),
  pressed('exit-1', false),
  train,
  place('overview'),
  tab('flat'),
  tab('gradients'),
  train
]

/** Makes `globalThis.seen` the times from the next press to the end of the frame that shows each, milliseconds. */
function awaitFrames(selectors) {
  globalThis.seen = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`No click has shown ${selectors.join(' and ')}.`)), 20_000)
    const onPress = ({ timeStamp }) => {
      const times = []
      const observer = new MutationObserver(() => {
        while (times.length < selectors.length && document.querySelector(selectors[times.length])) {
          const at = times.push(NaN) - 1
          requestAnimationFrame(() => {
            // A message posted here is read once the frame is drawn.
            const { port1, port2 } = new MessageChannel()
            port1.onmessage = () => {
              times[at] = performance.now() - timeStamp
              if (at === selectors.length - 1) resolve(times)
            }
            port2.postMessage(null)
          })
        }
        if (times.length === selectors.length) observer.disconnect()
      })
      observer.observe(document, { subtree: true, childList: true, attributes: true })
    }
    addEventListener('pointerdown', onPress, { capture: true, once: true })
  })
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

async function clickOnce(page, { click, answer, result }) {
  await page.evaluate(awaitFrames, [answer, result])
  await page.click(click)
  const [answerMs, resultMs] = await page.evaluate(() => globalThis.seen)
  return { answerMs, resultMs }
}

/** One round of the walk: the times of each click. Pauses differ, so that clicks meet the redraws anywhere. */
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

/**
 * How many times longer than at best a fixed piece of work in the page takes as a rule: what everything else on the
 * machine costs.
 */
async function measureSlowness(page) {
  const times = await page.evaluate(async () => {
    const times = []
    for (let turn = 0; turn < 100; turn++) {
      const start = performance.now()
      globalThis.workedOut = 0
      for (let at = 0; at < 1e6; at++) globalThis.workedOut += Math.sqrt(at)
      times.push(performance.now() - start)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    return times
  })
  return median(times) / Math.min(...times)
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
  const slow = []
  for (let round = 0; round < rounds; round++) {
    slow.push(await measureSlowness(page))
    paused.push(await walkOnce(page, round))
  }
  await page.click(id('train-stop'))
  const rows = Object.entries({ training, paused }).flatMap(([name, all]) => {
    const of = (text, pick, more) => row(`${text}, ${name}`, 'ms', all.map(pick), more)
    const answers = (each) => each.map(({ answerMs }) => answerMs)
    const results = (each) => each.map(({ resultMs }) => resultMs)
    return [
      of('click answered: median', (each) => median(answers(each))),
      of('click answered: 95 % within', (each) => quantile(answers(each), 0.95), {
        ...(name === 'training' && { target: 100, slowness: median(slow) })
      }),
      of('click answered: slowest', (each) => Math.max(...answers(each))),
      of('all drawn: median', (each) => median(results(each))),
      of('all drawn: 95 % within', (each) => quantile(results(each), 0.95))
    ]
  })
  const steps = walk.map(({ click }, position) => ({
    click,
    answerMs: median(training.map((each) => each[position].answerMs)),
    resultMs: median(training.map((each) => each[position].resultMs))
  }))
  rows.push(
    row('work in the page, paused: median over quickest', 'x', slow, { digits: 1 }),
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
