import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeFolder, messageOf, openWorld, type Launch, type World } from './world.ts'

const figure =
  '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="4" viewBox="0 0 8 4"><rect width="8" height="4" fill="#a8481a"/></svg>'

/** Files, clipboard, menu, and what is opened from outside. */
export function describeFilesAndMenu(launch: Launch, root: () => string): void {
  describe('files and menu', () => {
    const folders: string[] = []
    let world: World
    let folder = ''
    let checkpoint = ''
    beforeAll(async () => {
      folder = makeFolder(folders)
      checkpoint = join(folder, 'a checkpoint.safetensors')
      writeFileSync(checkpoint, '')
      world = await openWorld(launch, { root: root(), home: makeFolder(folders), args: [checkpoint] })
    })
    afterAll(async () => {
      await world?.app.close()
      for (const one of folders) rmSync(one, { recursive: true, force: true })
    })

    /** What the next save dialogs answer; gives the options of the last one. */
    const answerSave = (filePath: string | null) =>
      world.app.evaluate(({ dialog }, path) => {
        const answer = { canceled: path === null, filePath: path ?? '' }
        dialog.showSaveDialog = (...args: unknown[]) => {
          Reflect.set(globalThis, 'asked', args.at(-1))
          return Promise.resolve(answer)
        }
      }, filePath)
    const asked = () =>
      world.app.evaluate(() => {
        const { defaultPath, filters } = Reflect.get(globalThis, 'asked')
        return { defaultPath, filters }
      })
    const save = (name: string) =>
      world.fixture.evaluate(
        async ({ shell }, name) => (await shell.saveFile({ name, bytes: new Uint8Array([0, 255, 7]) })).path,
        name
      )

    it('tells the page what the command line names', async () => {
      expect(await world.event({ kind: 'open' })).toEqual({ kind: 'open', paths: [checkpoint] })
    })

    it('saves where the dialog says, and offers that folder the next time', async () => {
      const path = join(folder, 'saved.png')
      await answerSave(path)
      expect(await save('../../figure: 1.png')).toBe(path)
      expect([...readFileSync(path)]).toEqual([0, 255, 7])
      await answerSave(null)
      expect(await save('next.svg')).toBeNull()
      expect(await asked()).toEqual({
        defaultPath: join(folder, 'next.svg'),
        filters: [
          { name: 'SVG drawing', extensions: ['svg'] },
          { name: 'All files', extensions: ['*'] }
        ]
      })
    })

    it('says in one sentence why a file could not be saved', async () => {
      const path = join(folder, 'missing', 'x.svg')
      await answerSave(path)
      const message = await messageOf(world.fixture, ({ shell }) =>
        shell.saveFile({ name: 'x.svg', bytes: new Uint8Array([1]) })
      )
      expect(message).toBe(`${path} cannot be written: its folder does not exist.`)
    })

    it('renders figures', async () => {
      const starts = await world.fixture.evaluate(async ({ shell }, source) => {
        const rest = { source, title: 'T', description: 'D', density: 2, createdAt: '2026-01-01T00:00:00.000Z' }
        const render = async (format: 'svg' | 'png' | 'pdf') =>
          [...(await shell.renderFile({ format, ...rest })).bytes.subarray(0, 4)].map((code) =>
            String.fromCharCode(code)
          )
        return [await render('svg'), await render('png'), await render('pdf')].map((codes) => codes.join(''))
      }, figure)
      expect(starts[0]).toMatch(/^<(svg|\?xm)/)
      expect(starts.slice(1)).toEqual(['\x89PNG', '%PDF'])
    })

    it('copies text and pictures', async () => {
      await world.fixture.evaluate(({ shell }) => shell.copyText({ text: 'α = 0.5' }))
      expect(await world.app.evaluate(({ clipboard }) => clipboard.readText())).toBe('α = 0.5')
      await world.fixture.evaluate(async ({ shell }, source) => {
        const rest = { title: '', description: '', density: 1, createdAt: '' }
        const { bytes } = await shell.renderFile({ format: 'png', source, ...rest })
        await shell.copyImage({ png: bytes })
      }, figure)
      expect(await world.app.evaluate(({ clipboard }) => clipboard.has('image/png'))).toBe(true)
    })

    it('refuses to copy what is no picture', async () => {
      const message = await messageOf(world.fixture, ({ shell }) => shell.copyImage({ png: new Uint8Array([1, 2]) }))
      expect(message).toBe('The picture could not be copied: it is not a PNG that can be read.')
    })

    it('shows only files that are there', async () => {
      await world.app.evaluate(({ shell }) => {
        Reflect.set(globalThis, 'shown', [])
        shell.showItemInFolder = (path) => Reflect.get(globalThis, 'shown').push(path)
      })
      await world.fixture.evaluate(({ shell }, path) => shell.showInFolder({ path }), checkpoint)
      const missing = await messageOf(world.fixture, ({ shell }) => shell.showInFolder({ path: '/no/such/file' }))
      const relative = await messageOf(world.fixture, ({ shell }) => shell.showInFolder({ path: 'file' }))
      expect(missing).toBe('/no/such/file does not exist.')
      expect(relative).toBe('"file" is not a whole path; it cannot be shown.')
      expect(await world.app.evaluate(() => Reflect.get(globalThis, 'shown'))).toEqual([checkpoint])
    })

    it('refuses to list folders', async () => {
      const message = await messageOf(world.fixture, ({ shell }) => shell.listFolder({ path: null }))
      expect(message).toBe('Listing folders belongs to a served lab; the desktop has a dialog.')
    })

    it('opens what the dialog chooses, and remembers it in the menu', async () => {
      const [first, second] = ['one', 'two'].map((name) => join(folder, name, 'model.safetensors'))
      for (const path of [first!, second!]) {
        mkdirSync(join(path, '..'), { recursive: true })
        writeFileSync(path, '')
      }
      await world.app.evaluate(
        ({ dialog }, filePaths) => {
          dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths })
        },
        [first!, second!]
      )
      const { paths } = await world.fixture.evaluate(({ shell }) => shell.pickCheckpoints({}))
      expect(paths).toEqual([first, second])
      const labels = await world.app.evaluate(({ Menu }) =>
        Menu.getApplicationMenu()
          ?.getMenuItemById('open-recent')
          ?.submenu?.items.map(({ label }) => label)
      )
      expect(labels?.slice(0, 3)).toEqual([first, second, 'a checkpoint.safetensors'])
    })

    it('shows in its menu what the page says was opened, greyed where it is gone, and clears it on both sides', async () => {
      const files = [
        { path: join(folder, 'gone.pth'), isMissing: true },
        { path: checkpoint, isMissing: false }
      ]
      const listed = () =>
        world.app.evaluate(({ Menu }) =>
          Menu.getApplicationMenu()
            ?.getMenuItemById('open-recent')
            ?.submenu?.items.map(({ label, enabled }) => [label, enabled])
        )
      await world.fixture.evaluate(({ shell }, files) => shell.showRecent({ files }), files)
      expect((await listed())?.slice(0, 2)).toEqual([
        ['gone.pth', false],
        ['a checkpoint.safetensors', true]
      ])
      await world.app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('clear-recent')?.click())
      expect(await world.event({ kind: 'menu', command: 'clear-recent' })).toBeDefined()
      expect((await listed())?.some(([label]) => label === 'gone.pth')).toBe(false)
    })

    it('asks for folders in a dialog of their own', async () => {
      await world.app.evaluate(({ dialog }) => {
        dialog.showOpenDialog = ((...args: unknown[]) => {
          Reflect.set(globalThis, 'asked', args.at(-1))
          return Promise.resolve({ canceled: true, filePaths: [] })
        }) as typeof dialog.showOpenDialog
      })
      await world.fixture.evaluate(({ shell }) => shell.pickCheckpoints({ folders: true }))
      expect(await world.app.evaluate(() => Reflect.get(globalThis, 'asked').properties)).toEqual([
        'openDirectory',
        'multiSelections'
      ])
      await world.fixture.evaluate(({ shell }) => shell.pickCheckpoints({}))
      const { filters } = (await world.app.evaluate(() => Reflect.get(globalThis, 'asked'))) as {
        filters: { extensions: string[] }[]
      }
      expect(filters[0]!.extensions).toEqual(expect.arrayContaining(['safetensors', 'pth', 'pth.tar', 'onnx', 'npz']))
      expect(filters[1]!.extensions).toEqual(['*'])
    })

    it('tells the page what the menu asks for', async () => {
      await world.app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('view-flat')?.click())
      expect(await world.event({ kind: 'menu', command: 'view-flat' })).toEqual({ kind: 'menu', command: 'view-flat' })
    })

    it('opens in this window what a second start names, and ignores what is no list of files', async () => {
      const path = join(folder, 'one', 'model.safetensors')
      const opened = await world.app.evaluate(({ app, BrowserWindow }, path) => {
        const emit = (data: unknown) => app.emit('second-instance', {}, [], '', data)
        for (const data of [null, 'x', { paths: [3] }, { paths: [path] }]) emit(data)
        return BrowserWindow.getAllWindows().length
      }, path)
      expect(opened).toBe(1)
      const events = () =>
        world.fixture.evaluate(({ events }) => events.flatMap((event) => (event.kind === 'open' ? [event.paths] : [])))
      await expect.poll(events).toEqual([[checkpoint], [path]])
    })
  })
}
