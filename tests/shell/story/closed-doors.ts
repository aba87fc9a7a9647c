import { rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeFolder, openWorld, type Launch, type World } from './world.ts'

/** What a page may not do, even one that an attacker has got hold of. */
export function describeClosedDoors(launch: Launch, root: () => string): void {
  describe('closed doors', () => {
    const folders: string[] = []
    const requests: string[] = []
    let server: Server
    let foreign = ''
    let world: World
    beforeAll(async () => {
      server = createServer((request, response) => {
        requests.push(request.url ?? '')
        response.setHeader('access-control-allow-origin', '*').end('<h1>Foreign</h1>')
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      foreign = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      world = await openWorld(launch, { root: root(), home: makeFolder(folders) })
    })
    afterAll(async () => {
      await world?.app.close()
      server.close()
      for (const folder of folders) rmSync(folder, { recursive: true, force: true })
    })

    /** The page is still ours, in the only window, and nobody outside was asked. */
    async function expectUntouched(): Promise<void> {
      const urls = await world.app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows().map(({ webContents }) => webContents.getURL())
      )
      expect(urls).toEqual(['app://lab/index.html'])
      expect(await world.page.textContent('h1')).toBe('Fixture')
      expect(await world.fixture.evaluate(({ engine }) => engine.double({ value: 1 }))).toMatchObject({ value: 2 })
      expect(requests).toEqual([])
    }
    const settle = () => new Promise((resolve) => setTimeout(resolve, 300))

    it('refuses to go elsewhere', async () => {
      await world.page.evaluate((url) => {
        Reflect.get(globalThis, 'location').href = url
      }, `${foreign}/navigation`)
      await settle()
      await expectUntouched()
    })

    it('refuses links that lead elsewhere', async () => {
      await world.page.evaluate((url) => {
        const link = Reflect.get(globalThis, 'document').getElementById('foreign')
        link.href = url
        link.click()
      }, `${foreign}/link`)
      await settle()
      await expectUntouched()
    })

    it('refuses new windows', async () => {
      const opened = await world.page.evaluate(
        (url) => Reflect.get(globalThis, 'open')(url) === null,
        `${foreign}/window`
      )
      expect(opened).toBe(true)
      await world.page.evaluate((url) => {
        const link = Reflect.get(globalThis, 'document').getElementById('blank')
        link.href = url
        link.click()
      }, `${foreign}/blank`)
      await settle()
      await expectUntouched()
    })

    it('refuses requests to others', async () => {
      const outcome = await world.page.evaluate(
        (url) =>
          fetch(url).then(
            () => 'answered',
            () => 'refused'
          ),
        `${foreign}/fetch`
      )
      expect(outcome).toBe('refused')
      await expectUntouched()
    })

    it('runs no scripts but its own', async () => {
      const outcome = await world.page.evaluate(async () => {
        const document = Reflect.get(globalThis, 'document')
        const script = document.createElement('script')
        script.textContent = 'globalThis.wasRun = true'
        document.body.append(script)
        // Later, because what a test evaluates may evaluate.
        const made = await new Promise((resolve) =>
          setTimeout(() => {
            try {
              resolve(new Function('return "made"')())
            } catch (error) {
              resolve((error as Error).name)
            }
          })
        )
        return { wasRun: Reflect.get(globalThis, 'wasRun') ?? false, made }
      })
      expect(outcome).toEqual({ wasRun: false, made: 'EvalError' })
    })

    it('answers with the policy, and with nothing outside the page', async () => {
      const answers = await world.page.evaluate(async () => {
        const ask = async (path: string, init?: RequestInit) => {
          const { status, headers } = await fetch(path, init)
          return {
            status,
            policy: headers.get('content-security-policy')?.slice(0, 18),
            type: headers.get('content-type')
          }
        }
        return {
          page: await ask('./index.html'),
          above: await ask('/%2e%2e/main.js'),
          encoded: await ask('/..%2fmain.js'),
          missing: await ask('/nothing.js'),
          posted: await ask('/index.html', { method: 'POST', body: 'x' })
        }
      })
      const refused = (status: number) => ({ status, policy: "default-src 'none'", type: null })
      expect(answers).toEqual({
        page: { status: 200, policy: "default-src 'none'", type: 'text/html; charset=utf-8' },
        above: refused(404),
        encoded: refused(404),
        missing: refused(404),
        posted: refused(405)
      })
    })

    it('gives the page nothing of Node, and one function of the shell', async () => {
      const found = await world.page.evaluate(() => ({
        node: ['require', 'process', 'module', 'Buffer'].filter((name) => name in globalThis),
        bridge: Object.keys(Reflect.get(globalThis, 'autodidact'))
      }))
      expect(found).toEqual({ node: [], bridge: ['pathForFile'] })
    })
  })
}
