import axe from 'axe-core'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumPath } from '../helpers/chromium.ts'
import { startServedLab, type ServedLab } from './served-lab.ts'
import { id, patienceMs, trainALittle, untilReady } from './story.ts'

const noBrowser = chromiumPath() === null
const themes = ['light', 'dark'] as const
type Theme = (typeof themes)[number]

/** What keeps people from using the page, one line each: the rule, how grave, where, and what is wrong there. */
async function findViolations(page: Page): Promise<string[]> {
  await page.evaluate(async () => {
    await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined)))
  })
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, impact, nodes }: AxeResults['violations'][number]) =>
      nodes.map(({ target, failureSummary }) => `${id} (${impact}) at ${target.join(' ')}: ${failureSummary}`)
    )
}

const dialog = (page: Page) => page.getByRole('dialog').waitFor({ timeout: patienceMs })
async function exportFigure(page: Page, kind: string): Promise<void> {
  await page.click(id(`export-${kind}`))
  await dialog(page)
}

/** Every view, and what lies over or beside it when it is asked for. */
const states: { name: string; view: string; reach?: (page: Page) => Promise<void> }[] = [
  { name: 'the overview', view: 'overview' },
  { name: 'the maps', view: 'knows' },
  {
    name: 'the maps with a class selected',
    view: 'knows',
    reach: async (page) => {
      await page.click(id('class-3'))
      await page
        .locator(`${id('wall')} li`)
        .first()
        .waitFor()
    }
  },
  {
    name: 'the settings of the maps',
    view: 'knows',
    reach: (page) => page.getByRole('button', { name: 'Settings of the maps' }).click()
  },
  { name: 'flatness', view: 'flat' },
  { name: 'the gradients', view: 'gradients' },
  { name: 'the histories', view: 'learns' },
  { name: 'the tensors', view: 'inspect' },
  {
    name: 'the differences of two checkpoints',
    view: 'inspect',
    reach: async (page) => {
      await page.getByRole('radio', { name: 'Differences' }).click()
      await page
        .locator(`${id('differences')} [role="gridcell"]`)
        .first()
        .waitFor()
    }
  },
  { name: 'a training to be', view: 'train' },
  { name: 'its further options', view: 'train', reach: (page) => page.click(id('train-more')) },
  {
    name: 'a run',
    view: 'train',
    reach: async (page) => {
      if ((await page.locator(id('train-run')).count()) === 0) await trainALittle(page, 'axe')
      else await page.click(id('train-run'))
      await page.locator('[aria-label="Training history"]').waitFor({ timeout: patienceMs })
    }
  },
  { name: 'the library', view: 'library' },
  {
    name: 'two checkpoints of the library',
    view: 'library',
    reach: async (page) => {
      const rows = page.locator(`${id('library')} tbody tr`)
      await rows.nth(3).click()
      await rows.nth(9).click({ modifiers: ['ControlOrMeta'] })
      await page.locator(id('diff')).waitFor()
    }
  },
  { name: 'the export of a picture', view: 'flat', reach: (page) => exportFigure(page, 'flatness') },
  {
    name: 'the export of numbers',
    view: 'gradients',
    reach: async (page) => {
      await exportFigure(page, 'gradients')
      await page.getByRole('radio', { name: 'CSV' }).click()
    }
  },
  {
    name: 'more on a figure',
    view: 'learns',
    reach: (page) => page.getByRole('button', { name: 'More on this figure' }).click()
  },
  {
    name: 'the pinned figures',
    view: 'learns',
    reach: async (page) => {
      await page.click(id('pin-history'))
      await page.click(id('pins-open'))
      await dialog(page)
    }
  },
  {
    name: 'all commands',
    view: 'overview',
    reach: async (page) => {
      await page.click(id('palette'))
      await page.locator(id('palette-dialog')).waitFor()
    }
  },
  {
    name: 'the keys',
    view: 'overview',
    reach: async (page) => {
      await page.keyboard.press('?')
      await dialog(page)
    }
  },
  {
    name: 'the list of files',
    view: 'overview',
    reach: async (page) => {
      await page.click(id('open'))
      await dialog(page)
    }
  },
  { name: 'the list of jobs', view: 'overview', reach: (page) => page.click(id('tray-toggle')) }
]

describe.skipIf(noBrowser)('axe finds nothing serious or critical (skipped where there is no Chromium)', () => {
  let lab: ServedLab
  let page: Page
  beforeAll(async () => {
    lab = await startServedLab()
    page = await lab.newPage()
    await untilReady(page)
  }, 120_000)
  afterAll(() => lab?.close())

  async function open(view: string, theme: Theme): Promise<void> {
    await page.goto(`${new URL(lab.url).origin}/#/${view}?theme=${theme}`)
    await page.reload()
    await untilReady(page)
  }

  it('what is chosen stays chosen when it is clicked again', { timeout: 2 * patienceMs }, async () => {
    await open('inspect', 'light')
    const chosen = page.getByRole('radio', { name: 'Tensors' })
    await chosen.click()
    await chosen.click()
    expect(await chosen.getAttribute('aria-checked')).toBe('true')
  })

  it('the list of files begins at the field for a place', { timeout: 2 * patienceMs }, async () => {
    await open('overview', 'light')
    await page.click(id('open'))
    const field = page.getByRole('textbox', { name: 'Folder or file' })
    await field.waitFor()
    await expect.poll(() => field.evaluate((node) => node === document.activeElement)).toBe(true)
  })

  for (const theme of themes)
    for (const { name, view, reach } of states)
      it(`in ${name}, ${theme}`, { timeout: 2 * patienceMs }, async () => {
        await open(view, theme)
        await reach?.(page)
        expect((await findViolations(page)).join('\n')).toBe('')
      })

  it('a small window with many subjects is no wider than the screen', { timeout: 2 * patienceMs }, async () => {
    // The samples are of six groups; a seventh is made of one that is no subject.
    await open('overview', 'light')
    const side = page.getByRole('navigation', { name: 'Places' })
    await side.getByRole('button', { name: 'noisy-self-distillation' }).click()
    await open('library', 'light')
    const rows = page.locator(`${id('library')} tbody tr`)
    await rows.last().click()
    await page.getByLabel('Group').fill('a group with a name of its own')
    await page.keyboard.press('Tab')
    await side.getByRole('button', { name: 'a group with a name' }).waitFor()
    await rows.first().click()
    await rows.last().click({ modifiers: ['Shift'] })
    await page.click(id('add-subjects'))
    const size = page.viewportSize()!
    await page.setViewportSize({ width: 1024, height: 700 })
    try {
      await untilReady(page)
      // What was opened before in this window is there as well.
      const subjects = page.getByRole('list', { name: 'Subjects' }).getByRole('listitem')
      expect(await subjects.count()).toBeGreaterThanOrEqual(7)
      for (const view of ['overview', 'flat', 'learns', 'inspect']) {
        await page.click(id(`tab-${view}`))
        await page.waitForSelector(id(`view-${view}`))
        await untilReady(page)
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), view).toBeLessThanOrEqual(
          0
        )
        expect((await page.locator(id('open')).boundingBox())!.x, view).toBeLessThan(1024 - 28)
      }
    } finally {
      await page.setViewportSize(size)
    }
  })
})
