import { row, median, quantile } from './numbers.mjs'

const roundMs = 4000

/** Keeps the duration of every frame, milliseconds, in `globalThis.frames`, and counts the pictures put on canvases. */
function countFrames() {
  globalThis.frames = []
  globalThis.drawn = 0
  const { putImageData } = CanvasRenderingContext2D.prototype
  CanvasRenderingContext2D.prototype.putImageData = function (...args) {
    globalThis.drawn++
    return putImageData.apply(this, args)
  }
  let last = performance.now()
  const take = (now) => {
    globalThis.frames.push(now - last)
    last = now
    requestAnimationFrame(take)
  }
  requestAnimationFrame(take)
}

/** Opens the maps of one sample on 10,000 images: as if a user had chosen them earlier. */
async function openMaps(page, url) {
  await page.goto(url)
  await page.waitForSelector('html[data-ready]', { state: 'attached' })
  await page.evaluate(() => {
    const key = 'autodidact.session.1'
    const session = JSON.parse(localStorage.getItem(key))
    session.groups = session.groups.filter(({ name }) => name === 'noisy-self-distillation')
    session.focus = 0
    session.settings.embedding = { ...session.settings.embedding, data: { limit: 10_000 } }
    localStorage.setItem(key, JSON.stringify(session))
    location.hash = '#/knows'
  })
  await page.reload()
  await page.waitForSelector('html[data-ready]', { state: 'attached' })
  const maps = await page.locator('[data-testid^="map-0-"]').evaluateAll((all) => all.map((map) => map.ariaLabel))
  if (maps.length !== 4 || !maps.every((label) => label.includes('10000 images')))
    throw new Error(`The page does not show four maps of 10,000 images, but: ${maps.join('; ') || 'none'}`)
}

/** Does something again and again; the frames meanwhile, milliseconds, and how often each map was drawn. */
async function watchFrames(page, act) {
  await page.evaluate(() => void Object.assign(globalThis, { frames: [], drawn: 0 }))
  const end = performance.now() + roundMs
  for (let count = 0; performance.now() < end; count++) await act(count)
  return page.evaluate(() => ({ times: globalThis.frames, drawn: globalThis.drawn / 4 }))
}

/** Rows on the frames while one hovers over, moves and zooms four maps of 10,000 points. */
export async function measureFrames(page, url, rounds) {
  await openMaps(page, url)
  await page.evaluate(countFrames)
  const box = await page.locator('[data-testid="map-0-2"]').boundingBox()
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  const wander = (count) => page.mouse.move(x + 60 * Math.sin(count / 10), y + 60 * Math.cos(count / 7))
  const gestures = {
    'doing nothing': { act: () => new Promise((resolve) => setTimeout(resolve, 50)) },
    hovering: { act: wander },
    panning: { act: wander, before: () => page.mouse.down(), after: () => page.mouse.up() },
    zooming: { act: (count) => page.mouse.wheel(0, count % 20 < 10 ? -40 : 40) }
  }
  const found = Object.fromEntries(Object.keys(gestures).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++)
    for (const [name, { act, before, after }] of Object.entries(gestures)) {
      await wander(0)
      await before?.()
      found[name].push(await watchFrames(page, act))
      await after?.()
    }
  return Object.entries(found).flatMap(([name, all]) => {
    const seconds = ({ times }) => times.reduce((sum, time) => sum + time, 0) / 1000
    const one = (text, unit, pick, more) => row(`${name}: ${text}`, unit, all.map(pick), { digits: 1, ...more })
    // Hovering rings a point, which draws no map anew.
    const drawsMaps = name === 'panning' || name === 'zooming'
    return [
      one('frames', '/s', (each) => each.times.length / seconds(each), {
        isLeast: true,
        ...(name !== 'doing nothing' && { target: 30 })
      }),
      // The driver turns the wheel in every second frame only.
      ...(drawsMaps
        ? [
            one('new pictures of each map', '/s', (each) => each.drawn / seconds(each), {
              isLeast: true,
              ...(name === 'panning' && { target: 30 })
            })
          ]
        : []),
      one('median frame', 'ms', ({ times }) => median(times)),
      one('95 % of frames within', 'ms', ({ times }) => quantile(times, 0.95))
    ]
  })
}
