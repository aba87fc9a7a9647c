import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { startChromium, type Chromium } from '../fakes/electron/chromium.ts'
import { launchStandIn, mainOf, type DesktopApp } from '../fakes/electron/launch.ts'
import { chromiumPath } from '../helpers/chromium.ts'
import { useFixture } from './fixture/build-fixture.ts'
import { makeFolder, openWorld, type Launch, type World } from './story/world.ts'

// How the desktop begins and ends, with the stand-in in place of Electron.
const describeDesktop = describe.skipIf(chromiumPath() === null)
const root = useFixture()
let chromium: Chromium
beforeAll(async () => {
  chromium = await startChromium()
})
afterAll(() => chromium?.end())
const launch: Launch = ({ root, ...rest }) => launchStandIn({ main: mainOf(root), chromium, ...rest })

async function open(home = makeFolder(), env: Record<string, string> = {}): Promise<World> {
  const world = await openWorld(launch, { root: root(), home, env })
  onTestFinished(() => world.app.close())
  return world
}

const statusOf = (app: DesktopApp) =>
  new Promise<number | null>((resolve) => {
    const child = app.process()
    if (child.exitCode !== null) resolve(child.exitCode)
    else child.once('exit', (code) => resolve(code))
  })
const engineLog = (home: string) => readFileSync(join(home, 'engine.log'), 'utf8').trim().split('\n')
const closeWindow = (app: DesktopApp) =>
  app.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.close()
    return BrowserWindow.getAllWindows().length
  })
const countWindows = (app: DesktopApp) => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)

describeDesktop('the end', () => {
  it('lets the engine save, then quits', async () => {
    const { app, home } = await open()
    await closeWindow(app)
    expect(await statusOf(app)).toBe(0)
    expect(engineLog(home)).toEqual(['started', 'saved'])
  })

  it('starts again for who starts it while it ends', async () => {
    const { app, home } = await open(undefined, { FIXTURE_ENGINE: 'slow' })
    const note = join(home, 'relaunch.json')
    await app.evaluate(({ app }, note) => {
      app.relaunch = (options) => process.getBuiltinModule('fs').writeFileSync(note, JSON.stringify(options))
      app.once('will-quit', () => app.emit('second-instance', {}, [], '', { paths: ['/a/checkpoint'] }))
      app.quit()
    }, note)
    expect(await statusOf(app)).toBe(0)
    expect(JSON.parse(readFileSync(note, 'utf8'))).toEqual({ args: [root(), '--', '/a/checkpoint'] })
  })
})

describeDesktop('a training', () => {
  const train = (world: World, isRunning: boolean) =>
    world.fixture.evaluate(({ engine }, isRunning) => engine.pretendTraining({ isRunning }), isRunning)
  /** Answers the next questions with that button, and keeps what was asked. */
  const answer = (world: World, response: number) =>
    world.app.evaluate(({ dialog }, response) => {
      dialog.showMessageBox = ((...args: unknown[]) => {
        Reflect.set(globalThis, 'asked', args.at(-1))
        return Promise.resolve({ response, checkboxChecked: false })
      }) as typeof dialog.showMessageBox
    }, response)
  const progress = (world: World) =>
    world.app.evaluate(({ BrowserWindow }) => Reflect.get(BrowserWindow.getAllWindows()[0]!, 'state').progress)

  it('shows its progress, and keeps the computer awake', async () => {
    const world = await open()
    const blockers = () =>
      world.app.evaluate(({ powerSaveBlocker }) => (Reflect.get(powerSaveBlocker, 'started') as Set<number>).size)
    await train(world, true)
    await expect.poll(() => progress(world)).toBe(0.25)
    expect(await blockers()).toBe(1)
    await train(world, false)
    await expect.poll(() => progress(world)).toBe(-1)
    expect(await blockers()).toBe(0)
  })

  it('is asked about when the last window closes, which stays where that is cancelled', async () => {
    const world = await open()
    await train(world, true)
    await expect.poll(() => progress(world)).toBe(0.25)
    await answer(world, 2)
    expect(await closeWindow(world.app)).toBe(1)
    const { message, buttons } = await world.app.evaluate(() => Reflect.get(globalThis, 'asked'))
    expect({ message, buttons }).toEqual({
      message: 'Train x is running.',
      buttons: ['Keep training', 'Save and quit', 'Cancel']
    })
    expect(await countWindows(world.app)).toBe(1)
  })

  it('goes on without a window; a second start opens one again', async () => {
    const world = await open()
    await train(world, true)
    await expect.poll(() => progress(world)).toBe(0.25)
    await answer(world, 0)
    await closeWindow(world.app)
    await expect.poll(() => countWindows(world.app)).toBe(0)
    await world.app.evaluate(({ app }) => app.emit('second-instance', {}, [], '', { paths: [] }))
    await expect.poll(() => countWindows(world.app)).toBe(1)
    expect(engineLog(world.home)).toEqual(['started'])
  })

  it('that ends without a window ends the program', async () => {
    const world = await open(undefined, { FIXTURE_ENGINE: 'short-training' })
    await train(world, true)
    await expect.poll(() => progress(world)).toBe(0.25)
    await answer(world, 0)
    await closeWindow(world.app)
    expect(await statusOf(world.app)).toBe(0)
    expect(engineLog(world.home)).toEqual(['started', 'saved'])
  })

  it('is saved where the user quits', async () => {
    const world = await open()
    await train(world, true)
    await expect.poll(() => progress(world)).toBe(0.25)
    await answer(world, 1)
    await closeWindow(world.app)
    expect(await statusOf(world.app)).toBe(0)
    expect(engineLog(world.home)).toEqual(['started', 'saved'])
  })
})

describeDesktop('the window', () => {
  const windowState = (home: string) => JSON.parse(readFileSync(join(home, 'desktop', 'window.json'), 'utf8'))

  it('opens where it was closed, in the colour that it had', async () => {
    const home = makeFolder()
    const first = await openWorld(launch, { root: root(), home })
    await first.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.setBounds({ x: 100, y: 50, width: 1200, height: 800 })
    )
    await first.app.close()
    expect(windowState(home)).toEqual({
      bounds: { x: 100, y: 50, width: 1200, height: 800 },
      isMaximized: false,
      background: '#14171c'
    })
    const { app } = await open(home)
    const { x, y, width, height, backgroundColor, show } = await app.evaluate(({ BrowserWindow }) =>
      Reflect.get(BrowserWindow.getAllWindows()[0]!, 'options')
    )
    expect({ x, y, width, height, backgroundColor, show }).toEqual({
      x: 100,
      y: 50,
      width: 1200,
      height: 800,
      backgroundColor: '#14171c',
      show: false
    })
  })

  it.each([
    ['light', '0', '#ffffff'],
    ['dark', '1', '#14171c']
  ])('begins in the %s of the system', async (_name, dark, background) => {
    const { app } = await open(undefined, { STAND_IN_DARK: dark })
    const options = await app.evaluate(({ BrowserWindow }) => Reflect.get(BrowserWindow.getAllWindows()[0]!, 'options'))
    expect(options).toMatchObject({ width: 1440, height: 900, backgroundColor: background })
  })
})

describeDesktop('a safe window', () => {
  let world: World
  let home = ''
  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'autodidact-safe-'))
    world = await openWorld(launch, { root: root(), home })
  })
  afterAll(async () => {
    await world?.app.close()
    rmSync(home, { recursive: true, force: true })
  })

  it('is made after the checklist of secure windows', async () => {
    const { app } = world
    const { webPreferences } = await app.evaluate(({ BrowserWindow }) =>
      Reflect.get(BrowserWindow.getAllWindows()[0]!, 'options')
    )
    expect(webPreferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      spellcheck: false
    })
    expect(await app.evaluate(({ app }) => Reflect.get(app, 'asked').map(([name]: [string]) => name))).toContain(
      'enableSandbox'
    )
  })

  it('refuses every permission', async () => {
    const { app } = world
    const granted = await app.evaluate(async ({ session, BrowserWindow }) => {
      const { handlers, askPermission } = session.defaultSession as unknown as {
        handlers: { device: (details: unknown) => boolean }
        askPermission(contents: unknown, permission: string): Promise<{ isGranted: boolean; isChecked: boolean }>
      }
      const { webContents } = BrowserWindow.getAllWindows()[0]!
      const names = ['media', 'geolocation', 'notifications', 'clipboard-read', 'fullscreen', 'openExternal', 'usb']
      const answers = await Promise.all(
        names.map((name) => askPermission.call(session.defaultSession, webContents, name))
      )
      return [...answers.flatMap(({ isGranted, isChecked }) => [isGranted, isChecked]), handlers.device({})]
    })
    expect(granted).toEqual(Array.from({ length: 15 }, () => false))
  })

  it('gives a page of another origin no ports', async () => {
    const { app, page, fixture } = world
    await app.evaluate(({ BrowserWindow }) => {
      const { webContents } = BrowserWindow.getAllWindows()[0]!
      webContents.getURL = () => 'https://example.org/'
      webContents.emit('did-navigate')
      webContents.emit('dom-ready')
      webContents.getURL = () => 'app://lab.example.org/index.html'
      webContents.emit('dom-ready')
    })
    await page.waitForTimeout(300)
    expect(await fixture.evaluate(({ arrivals }) => arrivals.length)).toBe(1)
  })
})

describeDesktop('what cannot work', () => {
  it('an engine that dies again and again stays down and says so; the menu starts it again', async () => {
    const { app, fixture, event } = await open(undefined, { FIXTURE_ENGINE: 'broken' })
    const menu = () => app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('restart-engine')?.enabled)
    expect(await menu()).toBe(false)
    await expect.poll(menu, { timeout: 20_000 }).toBe(true)
    const messages = await fixture.evaluate(({ events }) =>
      events.flatMap((event) => (event.kind === 'engine' ? [event.message] : []))
    )
    expect(messages.at(-1)).toBe(
      'The engine ended 5 times within a minute (exit code 3) and stays down; choose Run, Restart the engine, or start Autodidact from a terminal to see why.'
    )
    await app.evaluate(({ Menu }) => {
      delete process.env['FIXTURE_ENGINE']
      Menu.getApplicationMenu()?.getMenuItemById('restart-engine')?.click()
    })
    await event({ kind: 'engine', state: 'running' })
    expect(await fixture.evaluate(({ engine }) => engine.double({ value: 2 }))).toMatchObject({ value: 4 })
  })

  /** Starts what cannot go on; its exit status and what it says. */
  async function fail(options: { home: string; args?: string[]; env?: Record<string, string> }) {
    const { home, args = [], env } = options
    const more = { args, env: { ...env, AUTODIDACT_HOME: home } }
    const app = await launchStandIn({ main: mainOf(root()), chromium, isQuiet: true, ...more })
    onTestFinished(() => app.close())
    let said = ''
    app.process().stderr?.on('data', (data: Buffer) => (said += data.toString()))
    return { status: await statusOf(app), said: said.trim() }
  }

  it('a page that is not built is said in one sentence', async () => {
    const web = join(root(), 'out', 'web')
    const text = readFileSync(join(web, 'index.html'))
    rmSync(join(web, 'index.html'))
    onTestFinished(() => writeFileSync(join(web, 'index.html'), text))
    expect(await fail({ home: makeFolder() })).toEqual({
      status: 1,
      said: `Autodidact cannot start: The page of the lab is not built: ${web} has no index.html; run npm run build.`
    })
  })

  it('a home that cannot be made is said in one sentence', async () => {
    const home = join(makeFolder(), 'file')
    writeFileSync(home, '')
    const sentence = 'cannot be reached: a part of the path is a file, not a folder.'
    expect(await fail({ home })).toEqual({
      status: 1,
      said: `Autodidact cannot start: ${join(home, 'desktop')} ${sentence}`
    })
  })

  it('a second start ends at once, without an engine', async () => {
    const home = makeFolder()
    expect(await fail({ home, args: ['x.safetensors'], env: { STAND_IN_LOCK: 'taken' } })).toEqual({
      status: 0,
      said: ''
    })
    expect(existsSync(join(home, 'engine.log'))).toBe(false)
  })

  it('who wants Node of the packed program gets neither that nor a window', async () => {
    const home = makeFolder()
    const { status } = await fail({ home, args: ['script.js'], env: { ELECTRON_RUN_AS_NODE: '1' } })
    expect(status).toBe(1)
    expect(existsSync(join(home, 'engine.log'))).toBe(false)
  })
})
