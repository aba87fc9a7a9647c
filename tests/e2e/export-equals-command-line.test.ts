import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askEngine } from '../../src-main/cli/server/lab-client.ts'
import { findRunningLab } from '../../src-main/cli/server/lab-file.ts'
import { formatReport } from '../../src-shared/report-file.ts'
import type { AnyReport, ProbeKind } from '../../src-shared/reports.ts'
import { runBuilt } from '../cli/built-cli.ts'
import { run } from '../cli/run.ts'
import { ensureBuilt } from '../helpers/built.ts'
import { chromiumPath, launchChromium } from '../helpers/chromium.ts'
import { go, id, patienceMs, untilStatus } from './story.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'autodidact-export-')))
let browser: Browser
let page: Page
let stop: () => Promise<unknown>

beforeAll(async () => {
  await ensureBuilt('node', 'page')
  let told: (text: string) => void = () => undefined
  const printed = new Promise<string>((resolve) => (told = resolve))
  let interrupt: () => void = () => undefined
  const ended = runBuilt(['serve', '--root', root, '--port', '0', '--json', '--quiet'], {
    onStart(child) {
      child.stdout!.on('data', (chunk: Buffer) => told(chunk.toString()))
      interrupt = () => void child.kill('SIGINT')
    }
  })
  stop = () => (interrupt(), ended)
  const { url } = JSON.parse(await Promise.race([printed, ended.then(({ stderr }) => stderr)])) as { url: string }
  browser = await launchChromium()
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await page.goto(url)
}, 2 * patienceMs)

afterAll(async () => {
  await browser?.close()
  await stop?.()
  rmSync(root, { recursive: true, force: true })
})

/** The samples that the lab opens on, in the window's order: as groups of seeds. Maps are of
 * one seed of each, and begin with the subject on the rail: the last. */
async function reportOnScreen(kind: ProbeKind, settings: Record<string, unknown>, areMaps = false): Promise<AnyReport> {
  const lab = (await findRunningLab(join(root, 'autodidact-lab')))!
  return askEngine(lab, async (engine) => {
    const items = (await engine.library({})).filter(
      ({ source, group }) => source === 'sample' && group.startsWith('noisy-')
    )
    const names = [...new Set(items.map(({ group }) => group))]
    const groups = areMaps ? [...names.slice(-1), ...names.slice(0, -1)] : names
    const checkpoints = groups.flatMap((name) =>
      items
        .filter(({ group }) => group === name)
        .slice(0, areMaps ? 1 : undefined)
        .map(({ path, name, group, role, seed }) => ({ path, name, group, role, seed }))
    )
    return (await engine.findResult({ kind, checkpoints, settings })).report!
  })
}

/** What the command line writes of a report. */
async function fileOf(report: AnyReport, extension: string, ...options: string[]): Promise<Buffer> {
  const from = join(root, 'report.json')
  const out = join(root, `figure.${extension}`)
  writeFileSync(from, formatReport(report))
  expect(await run(['figure', from, '--out', out, ...options])).toMatchObject({ status: 0, stderr: '' })
  return readFileSync(out)
}

/** The file that the dialog of a figure saves. */
async function exported(kind: ProbeKind, format: string, choose?: () => Promise<void>): Promise<Buffer> {
  await untilStatus(page, kind, 'done')
  await page.click(id(`export-${kind}`))
  await page.getByRole('dialog').getByRole('radio', { name: format, exact: true }).click()
  await choose?.()
  const [download] = await Promise.all([
    page.waitForEvent('download', { timeout: patienceMs }),
    page.click(id('export-save'))
  ])
  const content = readFileSync(await download.path())
  expect(download.suggestedFilename()).toMatch(new RegExp(`^${kind}.*\\.${format.toLowerCase()}$`))
  const outcome = `${download.suggestedFilename()} is among the browser's downloads.`
  await expect.poll(() => page.textContent(id('export-outcome'))).toBe(outcome)
  await page.keyboard.press('Escape')
  return content
}

const data = { kind: 'dataset', name: 'fashion-mnist', split: 'test' }
const flatness = {
  seed: 0,
  sigmas: 'auto',
  draws: 5,
  protocols: ['a', 'b', 'c'],
  split: 'both',
  data: { ...data, limit: 500 }
}

describe.skipIf(chromiumPath() === null)('a figure exported from the window', { timeout: 3 * patienceMs }, () => {
  it('equals the command line’s: flatness as SVG, PNG and CSV, with the cursor on screen', async () => {
    await go(page, 'flat')
    await page.getByRole('radio', { name: 'Both' }).click()
    await page.hover(id('panel-a-test-3'))
    await page.waitForFunction(() => document.querySelectorAll('[data-screen-only] path').length > 0)
    const report = await reportOnScreen('flatness', flatness)
    expect((await exported('flatness', 'SVG')).equals(await fileOf(report, 'svg'))).toBe(true)
    expect((await exported('flatness', 'PNG')).equals(await fileOf(report, 'png'))).toBe(true)
    expect((await exported('flatness', 'CSV')).equals(await fileOf(report, 'csv'))).toBe(true)
    expect((await exported('flatness', 'PDF')).subarray(0, 5).toString()).toBe('%PDF-')
    await page.getByRole('radio', { name: 'Loss' }).click()
    const loss = await exported('flatness', 'SVG')
    expect(loss.equals(await fileOf(report, 'svg', '--quantity', 'loss'))).toBe(true)
  })

  it('equals it with every option of the figure and of the file', async () => {
    await go(page, 'gradients')
    await page.getByRole('radio', { name: 'Relative' }).click()
    await page.getByRole('radio', { name: 'With heads' }).click()
    await page.getByLabel(/^Term of the loss/).click()
    await page.getByRole('option', { name: 'KL at exit 1' }).click()
    await page.hover(id('gradients-area'))
    const report = await reportOnScreen('gradients', { seed: 0, batchSize: null, data: { ...data, limit: 256 } })
    const svg = await exported('gradients', 'SVG', async () => {
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('switch', { name: 'Keep the ratio' }).click()
      await dialog.getByLabel('Width (px)').fill('901')
      await dialog.getByLabel('Height (px)').fill('555')
      await dialog.getByRole('radio', { name: 'Dark' }).click()
      await dialog.getByRole('radio', { name: 'Paper' }).click()
      await dialog.getByRole('switch', { name: 'With a title above' }).click()
      await page.fill(id('export-title'), 'Gradients of <KL> & co')
    })
    const figure = ['--scale', 'relative', '--part', 'all', '--term', 'kl-1']
    const file = [
      '--width',
      '901',
      '--height',
      '555',
      '--theme',
      'dark',
      '--style',
      'paper',
      '--title',
      'Gradients of <KL> & co'
    ]
    expect(svg.toString()).toBe((await fileOf(report, 'svg', ...figure, ...file)).toString())
  })

  it('equals it for maps, class density and histories', async () => {
    await go(page, 'knows')
    const maps = { seed: 0, method: 'umap', dims: 2, neighbors: 15, minDist: 0.1, data: { ...data, limit: 1000 } }
    const embedding = await reportOnScreen('embedding', maps, true)
    expect((await exported('embedding', 'SVG')).equals(await fileOf(embedding, 'svg'))).toBe(true)
    const classes = { seed: 0, features: 'raw', resamples: 200, data: { ...data, limit: 2000 } }
    const density = await reportOnScreen('discriminativeness', classes)
    expect((await exported('discriminativeness', 'SVG')).equals(await fileOf(density, 'svg'))).toBe(true)
    await go(page, 'learns')
    expect((await exported('history', 'SVG')).equals(await fileOf(await reportOnScreen('history', {}), 'svg'))).toBe(
      true
    )
  })

  it('says in one sentence what cannot be written', async () => {
    await go(page, 'learns')
    await untilStatus(page, 'history', 'done')
    await page.click(id('export-history'))
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('radio', { name: 'PNG' }).click()
    await dialog.getByLabel('Width (px)').fill('18000')
    const outcome = () => page.textContent(id('export-outcome'))
    expect(await outcome()).toMatch(/^A picture of 18000 x \d+ pixels is too large for the density 2; choose less\.$/)
    expect(await page.isDisabled(id('export-save'))).toBe(true)
    await dialog.getByRole('button', { name: 'Natural size' }).click()
    await page.fill(id('export-name'), 'a/b')
    expect(await outcome()).toBe(`A file's name can't hold "/"; leave it out.`)
    await page.fill(id('export-name'), ' ')
    expect(await outcome()).toBe('Give the file a name.')
    await page.keyboard.press('Escape')
  })
})
