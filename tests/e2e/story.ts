import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { packageRoot } from '../../src-main/package-root.ts'

/** A window of the lab, and what differs between a browser and the desktop. */
export type Stage = {
  page: Page
  /** Opens a checkpoint as a user does: through the desktop's dialog, or the page's own list of folders. */
  openFile(path: string): Promise<void>
  /** The file that is saved by `act`. */
  saved(act: () => Promise<void>): Promise<{ name: string; bytes: Buffer }>
  /** Closes the window and opens another one on the same lab. */
  reopen(): Promise<Page>
}

/** Starts take long while others use the machine. */
export const patienceMs = 90_000

/** AUTODIDACT_STORY_RUNS=20 plays the story as often, each time on a lab of its own. */
export const storyOptions = {
  timeout: 300_000,
  repeats: Math.max(1, Number(process.env['AUTODIDACT_STORY_RUNS']) || 1) - 1
}

export const id = (name: string): string => `[data-testid="${name}"]`

/** Puts a checkpoint of the user's own into a folder; gives its path. */
export function makeUsersFile(folder: string): string {
  const path = join(folder, 'mine.safetensors')
  copyFileSync(join(packageRoot, 'resources', 'samples', 'clean-self-distillation-0.safetensors'), path)
  return path
}

/** Waits until the view has drawn what it draws by itself. */
export const untilReady = (page: Page) => page.waitForSelector('html[data-ready]', { timeout: patienceMs })

/** Waits for the state of a figure's probe. */
export const untilStatus = (page: Page, kind: string, ...states: string[]) =>
  page.waitForFunction(
    ([kind, states]) =>
      states.includes(document.querySelector<HTMLElement>(`[data-testid="figure-${kind}"]`)?.dataset['status'] ?? ''),
    [kind, states] as const,
    { timeout: patienceMs }
  )

/** Opens a place of the side bar or a question's tab. */
export async function go(page: Page, view: string): Promise<void> {
  if (view === 'train' || view === 'library') await page.click(id(`place-${view}`))
  else {
    if ((await page.locator(id(`tab-${view}`)).count()) === 0) await page.click(id('place-overview'))
    await page.click(id(`tab-${view}`))
  }
  await page.waitForSelector(id(`view-${view}`), { timeout: patienceMs })
  await untilReady(page)
}

/** Trains a tiny network from a preset and waits for its end. */
export async function trainALittle(page: Page, name: string): Promise<void> {
  await go(page, 'train')
  await page.click(id('preset-first-look'))
  await page.fill(id('train-name'), name)
  await page.fill(id('train-width'), '2')
  await page.click(id('train-more'))
  await page.fill(id('train-limit'), '128')
  await page.fill(id('train-epochs'), '1')
  await page.click(id('train-start'))
  await page.waitForSelector(`${id('train-live')}[data-state="done"]`, { timeout: patienceMs })
}

/** Small, quick maps instead of the samples' own: PCA of 100 images. */
export async function chooseQuickMaps(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Settings of the maps' }).click()
  await page.getByRole('radio', { name: 'PCA' }).click()
  await page.getByLabel('Images', { exact: true }).fill('100')
  await page.keyboard.press('Escape')
}

/** Open, train a little, probe, select, compare, export, reopen. */
export async function playStory(stage: Stage, usersFile: string): Promise<void> {
  let { page } = stage
  await untilReady(page)
  // The samples are there at once, with their claims.
  await page.waitForSelector(id('claim-accuracy'), { timeout: patienceMs })
  expect(await page.textContent(id('rail'))).toMatch(/Exit 1.*\d\d\.\d %/)

  // Open.
  await stage.openFile(usersFile)
  await page.getByText('Opened mine: ResNet18, width 8, 10 classes, 4 exits.').waitFor({ timeout: patienceMs })

  // Train a little, and take the run as a subject.
  await trainALittle(page, 'fable')
  await page.click(id('train-look'))
  await page.waitForSelector(id('view-overview'), { timeout: patienceMs })

  // Probe: quick maps of every subject.
  await go(page, 'knows')
  await chooseQuickMaps(page)
  await page.click(`${id('figure-embedding')} ${id('run')}`, { timeout: patienceMs })
  await untilStatus(page, 'embedding', 'done')

  // Select a class, and an outline on a map: the same images everywhere.
  await page.click(id('class-3'))
  const wall = page.locator(`${id('wall')} li`)
  await expect.poll(() => wall.count()).toBe(10)
  await lassoAll(page)
  await expect.poll(() => page.locator('aside').getByText('100 images').count()).toBeGreaterThan(0)

  // Compare: a row of maps for each of the five subjects.
  expect(await page.locator('[data-testid^="map-"][data-testid$="-4"]').count()).toBe(5)

  // Export what is on screen.
  const { name, bytes } = await stage.saved(async () => {
    await page.click(id('export-embedding'))
    await page.getByRole('dialog').getByRole('radio', { name: 'SVG' }).click()
    await page.click(id('export-save'))
  })
  expect(name).toMatch(/\.svg$/)
  const svg = bytes.toString('utf8')
  expect(svg).toMatch(/^<\?xml version="1\.0"/)
  expect(svg.match(/SSE\/SSB/g)).toHaveLength(17)
  expect(svg).not.toContain('foreignObject')
  await page.keyboard.press('Escape')

  // Reopen: everything is still there, nothing is computed.
  page = await stage.reopen()
  await untilReady(page)
  await go(page, 'knows')
  await untilStatus(page, 'embedding', 'done')
  await go(page, 'library')
  await page.fill(id('search'), 'fable')
  await expect.poll(() => page.locator(`${id('library')} tbody tr`).count()).toBe(1)
}

/** Draws an outline around a whole map. */
async function lassoAll(page: Page): Promise<void> {
  await page.click(id('lasso'))
  const map = page.locator(id('map-0-4'))
  await map.scrollIntoViewIfNeeded()
  const box = await map.boundingBox()
  if (!box) throw new Error('The map is not on screen.')
  const corners = [
    [2, 2],
    [box.width - 2, 2],
    [box.width - 2, box.height - 2],
    [2, box.height - 2],
    [2, 3]
  ] as const
  await page.mouse.move(box.x + 2, box.y + 2)
  await page.mouse.down()
  for (const [x, y] of corners) await page.mouse.move(box.x + x, box.y + y, { steps: 4 })
  await page.mouse.up()
}
