import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { encodeSafetensors, readSafetensors } from '../../src-main/engine/checkpoint/safetensors/safetensors-file.ts'
import { packageRoot } from '../../src-main/package-root.ts'
import { chromiumPath } from '../helpers/chromium.ts'
import { servedStage, startServedLab } from './served-lab.ts'
import { chooseQuickMaps, go, id, patienceMs, untilReady, untilStatus } from './story.ts'

const sample = (name: string) => join(packageRoot, 'resources', 'samples', `${name}.safetensors`)

/** A folder as a training loop leaves it: a checkpoint of every tenth epoch, each saying its own, and a log. */
async function writeEpochs(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const { tensors, metadata } = await readSafetensors(sample('clean-self-distillation-0'))
  for (const epoch of ['10', '20', '30'])
    writeFileSync(
      join(folder, `checkpoint-${epoch}.safetensors`),
      encodeSafetensors(tensors, new Map([...metadata, ['epoch', epoch]]))
    )
  writeFileSync(join(folder, 'train.log'), 'epoch 1 of 30')
}

/** Drops files on an element. */
const drop = (page: Page, target: string, files: { name: string; path: string }[]) =>
  page.evaluate(
    ([target, files]) => {
      const dataTransfer = new DataTransfer()
      for (const { name, base64 } of files)
        dataTransfer.items.add(new File([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], name))
      const element = document.querySelector(target)!
      const send = (type: string) =>
        element.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }))
      for (const type of ['dragenter', 'dragover']) send(type)
      return new Promise<string>((resolve) =>
        requestAnimationFrame(() => {
          const said = document.querySelector('[data-testid="drop-zone"]')?.textContent ?? ''
          send('drop')
          resolve(said)
        })
      )
    },
    [target, files.map(({ name, path }) => ({ name, base64: readFileSync(path, 'base64') }))] as const
  )

describe.skipIf(chromiumPath() === null)(
  'files, and a folder of epochs, in a served lab (skipped without Chromium)',
  () => {
    it(
      'drop several, join a subject, open a folder, move the slider: every view follows',
      { timeout: 300_000 },
      async () => {
        const lab = await startServedLab()
        try {
          await writeEpochs(join(lab.root, 'my-run'))
          const { page } = await servedStage(lab)
          await untilReady(page)

          // Two files at once on the window: two subjects more.
          const chips = page.locator('[data-drop-group]')
          const before = await chips.count()
          const two = ['clean-baseline-0', 'clean-deep-supervision-0']
          const said = await drop(
            page,
            'main',
            two.map((name) => ({ name: `${name}.safetensors`, path: sample(name) }))
          )
          expect(said).toContain('Opens checkpoints, runs, and folders of checkpoints')
          await expect.poll(() => chips.count(), { timeout: patienceMs }).toBe(before + 2)

          // One on a chip: a seed of that subject.
          const joined = await drop(page, '[data-drop-group="clean-baseline"]', [
            { name: 'again.safetensors', path: sample('noisy-baseline-1') }
          ])
          expect(joined).toContain('Adds them to clean-baseline, as further seeds of it.')
          await page.locator('[data-drop-group="clean-baseline"]', { hasText: '× 2' }).waitFor({ timeout: patienceMs })

          // A folder of epochs, through the page's own dialog.
          await page.click(id('open'))
          const dialog = page.getByRole('dialog')
          await dialog.getByRole('button', { name: 'my-run' }).click({ timeout: patienceMs })
          await dialog.getByRole('button', { name: 'checkpoint-30.safetensors' }).waitFor({ timeout: patienceMs })
          expect(await dialog.getByText('train.log').count()).toBe(0)
          await dialog.getByRole('switch', { name: 'Show all files' }).click()
          await dialog.getByText('train.log').waitFor({ timeout: patienceMs })
          await dialog.getByRole('button', { name: 'Open this folder' }).click()
          const toast = page.getByText(
            'Opened my-run: 3 checkpoints, epoch 10 to epoch 30. Left out: train.log is no checkpoint.'
          )
          await toast.waitFor({ timeout: patienceMs })

          // The slider stands at the last epoch; alone, that is what is looked at.
          const label = page.locator(id('frame-label'))
          await expect.poll(() => label.textContent(), { timeout: patienceMs }).toBe('epoch 30')
          await page.locator('[data-drop-group="my-run"]').click()
          await page.getByRole('menuitem', { name: 'Show it alone' }).click()
          await go(page, 'knows')
          await chooseQuickMaps(page)
          await untilStatus(page, 'embedding', 'none')
          const ticks = page.locator(`${id('timeline')} i.has`)
          expect(await ticks.count()).toBe(0)

          // One epoch measured: its tick is there, and the others ask to be run.
          await page.keyboard.press(',')
          await expect.poll(() => label.textContent(), { timeout: patienceMs }).toBe('epoch 20')
          await page.click(`${id('figure-embedding')} ${id('run')}`, { timeout: patienceMs })
          await untilStatus(page, 'embedding', 'done')
          await expect.poll(() => ticks.count(), { timeout: patienceMs }).toBe(1)
          await page.locator(id('frame-slider')).focus()
          await page.keyboard.press('ArrowLeft')
          await expect.poll(() => label.textContent(), { timeout: patienceMs }).toBe('epoch 10')
          await untilStatus(page, 'embedding', 'none')
          await page.keyboard.press('.')
          await untilStatus(page, 'embedding', 'done')

          // All of them: a job each.
          await page.click(id('run-all'))
          await expect.poll(() => ticks.count(), { timeout: patienceMs }).toBe(3)
          await expect.poll(() => page.locator(id('run-all')).count(), { timeout: patienceMs }).toBe(0)
          await go(page, 'overview')
          await untilStatus(page, 'embedding', 'done')
          await page.keyboard.press('.')
          await untilStatus(page, 'embedding', 'done')
          expect(await label.textContent()).toBe('epoch 30')

          // The palette knows what was opened lately, and forgets it.
          await page.keyboard.press('Control+k')
          const palette = page.locator(id('palette-dialog'))
          await palette.getByText(join(lab.root, 'my-run'), { exact: false }).waitFor({ timeout: patienceMs })
          await palette.getByText('Clear recent files').click()
          await page.keyboard.press('Control+k')
          await palette.waitFor({ timeout: patienceMs })
          expect(await palette.getByText(/^Open \//).count()).toBe(0)
          expect(lab.problems).toEqual([])
        } finally {
          await lab.close()
        }
      }
    )
  }
)
