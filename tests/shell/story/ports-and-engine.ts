import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeFolder, openWorld, type Launch, type World } from './world.ts'

/** The window, its ports, the engine and its jobs. */
export function describePortsAndEngine(launch: Launch, root: () => string): void {
  describe('window, ports and engine', () => {
    const folders: string[] = []
    let world: World
    beforeAll(async () => {
      world = await openWorld(launch, { root: root(), home: makeFolder(folders) })
    })
    afterAll(async () => {
      await world?.app.close()
      for (const folder of folders) rmSync(folder, { recursive: true, force: true })
    })

    const echo = () =>
      world.fixture.evaluate(async ({ engine }) => {
        const { bytes, note, pid, config } = await engine.echo({ bytes: new Float32Array([1.5, NaN]), note: 'ä' })
        return { bytes: [...bytes].map(String), note, pid, config: JSON.parse(config) as object }
      })
    const arrivals = () => world.fixture.evaluate(({ arrivals }) => arrivals)

    it('shows one window with the page', async () => {
      const seen = await world.app.evaluate(({ BrowserWindow }) =>
        BrowserWindow.getAllWindows().map((window) => ({
          url: window.webContents.getURL(),
          isVisible: window.isVisible()
        }))
      )
      expect(seen).toEqual([{ url: 'app://lab/index.html', isVisible: true }])
      expect(await world.page.textContent('h1')).toBe('Fixture')
    })

    it('hands the page a port to the engine and one to the shell', async () => {
      expect(await arrivals()).toEqual([['engine', 'shell']])
      expect(await world.event({ kind: 'engine', state: 'running' })).toEqual({
        kind: 'engine',
        state: 'running',
        message: ''
      })
    })

    it('carries calls to the engine and back, typed arrays as they are', async () => {
      const { bytes, note, config } = await echo()
      expect({ bytes, note, config }).toEqual({
        bytes: ['1.5', 'NaN'],
        note: 'ä',
        config: { home: world.home, roots: null }
      })
    })

    it('starts job processes for the engine and tells how they end', async () => {
      const answers = await world.fixture.evaluate(({ engine }) =>
        Promise.all([engine.double({ value: 21 }), engine.double({ value: 4 })])
      )
      expect(answers).toEqual([
        { value: 42, code: 0 },
        { value: 8, code: 0 }
      ])
    })

    it('kills a job process that the engine gives up, whatever it does', async () => {
      const { code } = await world.fixture.evaluate(({ engine }) => engine.killJob({}))
      expect(code).not.toBe(0)
    })

    it('connects a page anew that has been loaded again', async () => {
      const old = await world.page.evaluate(() => performance.timeOrigin)
      await world.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.reload())
      await world.page.waitForFunction((old) => performance.timeOrigin > old, old)
      await world.refresh()
      expect(await arrivals()).toEqual([['engine', 'shell']])
      expect((await echo()).note).toBe('ä')
    })

    it('starts a new engine when it dies: says so, connects the page, and lets its jobs end by themselves', async () => {
      const { pid } = await echo()
      const job = await world.fixture.evaluate(({ engine }) => engine.startJob({}))
      process.kill(pid, 'SIGKILL')
      const { message } = (await world.event({ kind: 'engine', state: 'stopped' })) as { message: string }
      expect(message).toMatch(
        /^The engine ended unexpectedly \([^)]+\); a new one is starting, and trainings go on from their last checkpoint\.$/
      )
      await world.page.waitForFunction(() => Reflect.get(globalThis, 'fixture').arrivals.length === 2)
      expect(await arrivals()).toEqual([['engine', 'shell'], ['engine']])
      expect(await world.fixture.evaluate(({ losses }) => losses)).toBe(1)
      const next = await echo()
      expect(next.pid).not.toBe(pid)
      const states = await world.fixture.evaluate(({ events }) =>
        events.flatMap((event) => (event.kind === 'engine' ? [event.state] : []))
      )
      expect(states.slice(-2)).toEqual(['stopped', 'running'])
      await expect.poll(() => isAlive(job.pid), { timeout: 10_000 }).toBe(false)
    })
  })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
