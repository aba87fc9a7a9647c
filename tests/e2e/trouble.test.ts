import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askEngine } from '../../src-main/cli/server/lab-client.ts'
import { findRunningLab } from '../../src-main/cli/server/lab-file.ts'
import { packageRoot } from '../../src-main/package-root.ts'
import { chromiumPath } from '../helpers/chromium.ts'
import { servedStage, startServedLab, type ServedLab } from './served-lab.ts'
import { chooseQuickMaps, go, id, makeUsersFile, patienceMs, untilReady, untilStatus } from './story.ts'

const noBrowser = chromiumPath() === null

/** Drops a file on the window, as the desktop would. */
const drop = (page: Page, name: string, content: string) =>
  page.evaluate(
    ([name, content]) => {
      const dataTransfer = new DataTransfer()
      dataTransfer.items.add(new File([content], name))
      for (const type of ['dragenter', 'dragover', 'drop'])
        window.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }))
    },
    [name, content] as const
  )

const toast = (page: Page, text: string | RegExp) => page.locator(id('toasts')).getByText(text)

async function killEngine(lab: ServedLab): Promise<void> {
  const running = await findRunningLab(lab.home)
  if (!running) throw new Error('The lab does not run.')
  const { pid } = await askEngine(running, (engine) => engine.lab({}))
  process.kill(pid, 'SIGKILL')
}

/** Starts a run that takes some seconds and waits until it has recorded something. */
async function startTraining(page: Page, name: string, epochs = 2): Promise<void> {
  await go(page, 'train')
  await page.click(id('preset-first-look'))
  await page.fill(id('train-name'), name)
  await page.fill(id('train-width'), '2')
  if (!(await page.locator(id('train-limit')).isVisible())) await page.click(id('train-more'))
  await page.fill(id('train-limit'), '1000')
  await page.fill(id('train-epochs'), String(epochs))
  await page.click(id('train-start'))
  await page.waitForSelector(`${id('train-live')}[data-state="running"]`, { timeout: patienceMs })
  await page.locator(`${id('figure-history')} svg[role="img"]`).waitFor({ timeout: patienceMs })
}

describe.skipIf(noBrowser)('trouble in the window (skipped where there is no Chromium)', () => {
  let lab: ServedLab
  let page: Page
  beforeAll(async () => {
    lab = await startServedLab()
    page = await lab.newPage()
    await untilReady(page)
  }, 120_000)
  afterAll(() => lab?.close())

  it('a wrong file: one sentence, and nothing is added', async () => {
    await drop(page, 'holiday.jpg', 'not a checkpoint')
    await toast(page, /holiday\.jpg.*\.$/).waitFor({ timeout: patienceMs })
    await go(page, 'library')
    await page.fill(id('search'), 'holiday')
    await expect.poll(() => page.locator(`${id('library')} tbody tr`).count(), { timeout: patienceMs }).toBe(0)
    await page.fill(id('search'), '')
  })

  it('a checkpoint that does not fit the data: the figure says so, and can be tried again', async () => {
    const golden = join(packageRoot, 'tests', 'fixtures', 'golden', 'bottleneck-resnet18-w8', 'weights.safetensors')
    const input = readFileSync(golden)
    await page.evaluate(
      ([base64]) => {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
        const dataTransfer = new DataTransfer()
        dataTransfer.items.add(new File([bytes], 'golden.safetensors'))
        window.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }))
      },
      [input.toString('base64')] as const
    )
    await page.click(id('just-open'), { timeout: patienceMs })
    await go(page, 'gradients')
    await page.click(`${id('figure-gradients')} ${id('run')}`, { timeout: patienceMs })
    const sentence = page.locator(id('figure-gradients')).getByText(/takes (images with )?3 colour channels/)
    await sentence.first().waitFor({ timeout: patienceMs })
  })

  it(
    'the engine killed in the middle of a training: the window says so, and the run goes on to its end',
    { timeout: 180_000 },
    async () => {
      await startTraining(page, 'killed')
      await killEngine(lab)
      await toast(page, /engine/i)
        .first()
        .waitFor({ timeout: patienceMs })
      await page.waitForSelector(`${id('train-live')}[data-state="done"]`, { timeout: patienceMs })
      await go(page, 'library')
      await page.fill(id('search'), 'killed')
      await expect.poll(() => page.locator(`${id('library')} tbody tr`).count(), { timeout: patienceMs }).toBe(1)
      expect(await page.locator(`${id('library')} tbody tr`).textContent()).toContain('2 of 2')
      await page.fill(id('search'), '')
    }
  )

  it('the engine killed in the middle of a probe: it is run again, and is there', { timeout: 180_000 }, async () => {
    const stage = await servedStage(lab)
    await untilReady(stage.page)
    await stage.page.evaluate(() => localStorage.clear())
    await stage.page.reload()
    await untilReady(stage.page)
    await go(stage.page, 'knows')
    await chooseQuickMaps(stage.page)
    await stage.page.click(`${id('figure-embedding')} ${id('run')}`, { timeout: patienceMs })
    await untilStatus(stage.page, 'embedding', 'running')
    await killEngine(lab)
    await untilStatus(stage.page, 'embedding', 'done')
    await stage.page.close()
  })

  it('two windows on one run: both see it, either may pause it and go on', { timeout: 180_000 }, async () => {
    const other = await lab.newPage()
    await untilReady(other)
    await startTraining(page, 'shared')
    await go(other, 'train')
    await other.waitForSelector(`${id('train-live')}[data-state="running"]`, { timeout: patienceMs })
    await other.click(id('train-pause'))
    await page.waitForSelector(`${id('train-live')}[data-state="paused"]`, { timeout: patienceMs })
    await page.click(id('train-resume'))
    for (const one of [page, other])
      await one.waitForSelector(`${id('train-live')}[data-state="done"]`, { timeout: patienceMs })
    await other.close()
  })

  it('a window that is closed and opened again finds the run that goes on', { timeout: 180_000 }, async () => {
    const first = await lab.newPage()
    await untilReady(first)
    await startTraining(first, 'left-alone')
    await first.close()
    const second = await lab.newPage()
    await untilReady(second)
    await go(second, 'train')
    const live = second.locator(id('train-live'))
    await live.waitFor({ timeout: patienceMs })
    expect(await live.textContent()).toContain('left-alone')
    await second.waitForSelector(`${id('train-live')}[data-state="done"]`, { timeout: patienceMs })
    await second.close()
  })

  it('an address without its token: one sentence, and no lab', async () => {
    const stranger = await (await lab.browser.newContext()).newPage()
    const answer = await stranger.goto(new URL('/', lab.url).href)
    expect(answer?.status()).toBe(403)
    expect(await stranger.textContent('body')).toMatch(/address/)
    expect(await stranger.locator(id('rail')).count()).toBe(0)
    await stranger.close()
  })

  it('nothing went wrong on the pages themselves', () => expect(lab.problems).toEqual([]))
})

const canMount = process.platform === 'linux' && process.getuid?.() === 0

describe.skipIf(noBrowser || !canMount)(
  'a full disk (skipped without Chromium, and where no disk can be mounted)',
  () => {
    const root = mkdtempSync(join(tmpdir(), 'autodidact-disk-'))
    afterAll(() => {
      execFileSync('umount', ['-l', root])
      rmSync(root, { recursive: true })
    })

    it('the run says so in the window, and goes on when there is room again', { timeout: 180_000 }, async () => {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', root])
      const lab = await startServedLab({ root })
      try {
        const page = await lab.newPage()
        await untilReady(page)
        const filler = join(root, 'filler')
        await startTraining(page, 'squeezed', 6)
        const { bavail, bsize } = statfsSync(root)
        writeFileSync(filler, new Uint8Array(Math.max(0, bavail * bsize - 16_384)))
        await page.waitForSelector(`${id('train-live')}[data-state="failed"]`, { timeout: patienceMs })
        expect(await page.textContent(id('train-live'))).toMatch(/The disk that holds .* is full; free some space/)
        rmSync(filler)
        await page.click(id('train-go-on'))
        await page.waitForSelector(`${id('train-live')}[data-state="done"]`, { timeout: patienceMs })
        expect(lab.problems).toEqual([])
      } finally {
        await lab.close()
      }
    })
  }
)

describe.skipIf(noBrowser)('a server that goes away (skipped where there is no Chromium)', () => {
  it('the window says so, keeps what is on it, and says how to come back', { timeout: 120_000 }, async () => {
    const lab = await startServedLab()
    const page = await lab.newPage()
    let again: ServedLab | null = null
    try {
      await untilReady(page)
      const usersFile = makeUsersFile(lab.root)
      expect(usersFile).toContain(lab.root)
      const { port } = new URL(lab.url)
      const ended = new Promise((resolve) => lab.server.once('exit', resolve))
      lab.server.kill('SIGKILL')
      await ended
      await page.locator(id('connection')).waitFor({ timeout: patienceMs })
      expect(await page.locator(id('claim-accuracy')).count()).toBe(1)
      again = await startServedLab({ port: Number(port), root: lab.root })
      await page
        .locator(id('connection'))
        .getByText(/address/)
        .waitFor({ timeout: patienceMs })
      await page.goto(again.url)
      await untilReady(page)
      await page.locator(id('connection')).waitFor({ state: 'detached', timeout: patienceMs })
    } finally {
      await again?.close()
      await lab.close()
    }
  })
})
