import { it } from 'vitest'
import { mkdtempSync } from 'node:fs'
import { launchStandIn, mainOf } from '../fakes/electron/launch.ts'
import { packageRoot } from '../../src-main/package-root.ts'
it('x', async () => {
  const t=Date.now()
  const home = mkdtempSync('/tmp/home-')
  const app = await launchStandIn({ main: mainOf(packageRoot), env: { AUTODIDACT_HOME: home } })
  const page = await app.firstWindow()
  page.on('console', (m) => console.log('page:', m.text()))
  page.on('pageerror', (m) => console.log('pageerror:', m.message))
  console.log('window', Date.now()-t, page.url())
  await page.waitForTimeout(6000)
  await page.screenshot({ path: '/tmp/lab.png' })
  console.log(await page.evaluate(() => (globalThis as any).document.body.innerText.slice(0,600)))
  await app.close()
})
