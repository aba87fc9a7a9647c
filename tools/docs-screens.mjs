const sizes = { small: [1280, 800], usual: [1440, 900], large: [1920, 1080] }
const id = (name) => `[data-testid="${name}"]`

/** A picture: its file's name, the view's address, the window's size, its theme, and what is done before it is taken. */
const screen = (name, theme, { view = name, size = 'usual', prepare = () => undefined } = {}) => ({
  name: [name, theme, ...(size === 'usual' ? [] : [size])].join('-'),
  view,
  width: sizes[size][0],
  height: sizes[size][1],
  theme,
  prepare
})

/** Points at a place of an element, given as shares of its width and height. */
async function pointAt(page, selector, across, down) {
  const { x, y, width, height } = await page.locator(selector).boundingBox()
  await page.mouse.move(x + across * width, y + down * height)
}

/** Selects the shirts, so that they stand out in every map, and shows one of them. */
async function selectShirts(page) {
  await page.click(id('class-6'))
  const images = page.locator(`${id('wall')} button`)
  await images.first().waitFor()
  await images.nth(7).hover()
  await page.waitForTimeout(500)
}

const readCurves = (page) => pointAt(page, id('panel-a-test-2'), 0.55, 0.4)
const pointAtLayer = (page) => pointAt(page, id('gradients-area'), 0.42, 0.4)

async function exportFigure(page) {
  await page.click(id('export-flatness'))
  await page.waitForSelector(`${id('export-save')}:enabled`)
}

async function openPalette(page) {
  await page.click(id('palette'))
  await page.waitForSelector(id('palette-dialog'))
}

async function lookAtLayer(page) {
  await page.fill(id('inspect-search'), 'layer3 conv')
  await page
    .locator(`${id('tensors')} [role="row"]`)
    .nth(2)
    .click()
}

async function tellApart(page) {
  await page.getByRole('radio', { name: 'Differences' }).click()
  await page.waitForSelector(`${id('differences')} [role="gridcell"]`)
  await page.waitForSelector(id('inspect-running'), { state: 'detached' })
}

async function compareTwo(page) {
  const rows = page.locator(`${id('library')} tbody tr`)
  await rows.filter({ hasText: 'noisy-baseline-0' }).click()
  await rows.filter({ hasText: 'noisy-self-distillation-0' }).click({ modifiers: ['ControlOrMeta'] })
  await page.waitForSelector(id('diff'))
}

/** A small training, once it is more than half done. */
async function train(page) {
  await page.click(id('preset-first-look'))
  await page.click(id('train-start'))
  await page.waitForSelector(`${id('train-live')}[data-state="running"]`)
  const isHalfDone = () =>
    [...document.querySelectorAll('[data-testid="train-live"] [role="progressbar"]')].some(
      (bar) => Number(bar.getAttribute('aria-valuenow')) / Number(bar.getAttribute('aria-valuemax') ?? 100) > 0.55
    )
  await page.waitForFunction(isHalfDone, undefined, { timeout: 300_000 })
}

/** Every picture of docs/screens. `view` is a part of the page's address: `#/flat?theme=dark`. */
export const screens = [
  screen('overview', 'light'),
  screen('overview', 'dark'),
  screen('knows', 'light', { prepare: selectShirts }),
  screen('knows', 'dark', { prepare: selectShirts, size: 'large' }),
  screen('knows', 'light', { size: 'small' }),
  screen('flat', 'light', { prepare: readCurves }),
  screen('flat', 'light', { size: 'small' }),
  screen('gradients', 'light', { prepare: pointAtLayer }),
  screen('learns', 'dark'),
  screen('inspect', 'light', { prepare: lookAtLayer }),
  screen('inspect-difference', 'dark', { view: 'inspect', prepare: tellApart }),
  screen('library', 'light', { prepare: compareTwo }),
  screen('export', 'light', { view: 'flat', prepare: exportFigure }),
  screen('palette', 'dark', { view: 'overview', prepare: openPalette }),
  screen('train-empty', 'dark', { view: 'train' }),
  // The last one: its run stays in the lab.
  screen('train', 'light', { prepare: train })
]
