import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readGolden } from '../golden/golden.ts'
import { contentsOf } from '../../cli/built-cli.ts'
import { temporaryFolder } from '../training/small-run.ts'
import { itemNamed, openLibrary, writeRun } from './lab-home.ts'

const golden = readGolden('bottleneck-resnet18-w8').weights
const dayMs = 24 * 3600 * 1000
const stampOf = (time: number) => new Date(time).toISOString().replace(/[-:.]/g, '')

/** A home with one run, about which the user has said something. */
async function homeWithRun() {
  const { home, library } = openLibrary()
  const folder = join(home, 'runs', 'net-7')
  await writeRun(folder)
  const { id } = await itemNamed(library, 'net-7')
  const item = await library.edit(id, { name: 'Mine', note: 'keep', tags: ['a'] })
  return { home, library, folder, item }
}

describe('a run', () => {
  test('goes to the trash whole, and comes back as it was, with what was said of it', async () => {
    const { home, library, folder, item } = await homeWithRun()
    const before = contentsOf(folder)
    await library.remove(item.id)
    expect(existsSync(folder)).toBe(false)
    expect((await library.list()).map(({ id }) => id)).not.toContain(item.id)
    expect(readdirSync(join(home, 'trash'))).toEqual([expect.stringMatching(new RegExp(`^${item.id}-\\d{8}T\\d{9}Z$`))])
    expect(await library.restore(item.id)).toEqual(item)
    expect(contentsOf(folder)).toEqual(before)
    expect(readdirSync(join(home, 'trash'))).toEqual([])
  })

  test('comes back after a restart, even if the library of notes is lost', async () => {
    const { home, library, item } = await homeWithRun()
    await library.remove(item.id)
    rmSync(join(home, 'library.json'))
    expect(await openLibrary({ home }).library.restore(item.id)).toEqual(item)
  })

  test('a new run of the same name has nothing of the old one, and its place is not taken from it', async () => {
    const { library, folder, item } = await homeWithRun()
    await library.remove(item.id)
    await writeRun(folder, { config: { seed: 1 } })
    const fresh = await itemNamed(library, 'net-7')
    expect(fresh).toMatchObject({ id: item.id, note: '', tags: [], seed: 1 })
    await expect(library.restore(item.id)).rejects.toThrow(
      `${folder} is taken by another run; delete that one first, then bring this one back.`
    )
    expect(await itemNamed(library, 'net-7')).toEqual(fresh)
  })

  test('of two deleted ones of a name the last comes back first', async () => {
    const { library, folder, item } = await homeWithRun()
    await library.remove(item.id)
    await writeRun(folder, { config: { seed: 1 } })
    await library.edit(item.id, { note: 'second' })
    await library.remove(item.id)
    expect(await library.restore(item.id)).toMatchObject({ note: 'second', seed: 1 })
    rmSync(folder, { recursive: true })
    expect(await library.restore(item.id)).toEqual(item)
  })

  test('deleted at the same moment as another of its name: neither takes the place of the other', async () => {
    const { home, library, folder, item } = await homeWithRun()
    const now = Date.now()
    const taken = Array.from({ length: 2000 }, (_, ms) => `${item.id}-${stampOf(now + ms)}`)
    for (const name of taken) mkdirSync(join(home, 'trash', name, 'run'), { recursive: true })
    await library.remove(item.id)
    expect(existsSync(folder)).toBe(false)
    expect(readdirSync(join(home, 'trash'))).toHaveLength(2001)
    expect(await library.restore(item.id)).toEqual(item)
  })

  test('is not deleted while it is training', async () => {
    const { home, library, folder, item } = await homeWithRun()
    writeFileSync(join(folder, 'lock.json'), JSON.stringify({ pid: process.pid, host: hostname() }))
    await expect(library.remove(item.id)).rejects.toThrow('The run net-7 is training; stop it before you delete it.')
    expect(existsSync(join(home, 'trash'))).toBe(false)
    // A process that was killed has left its lock.
    writeFileSync(join(folder, 'lock.json'), JSON.stringify({ pid: 2 ** 30, host: hostname() }))
    await library.remove(item.id)
    await library.restore(item.id)
    expect(existsSync(join(folder, 'lock.json'))).toBe(false)
  })

  test('that is broken can be deleted, too', async () => {
    const { library, folder, item } = await homeWithRun()
    writeFileSync(join(folder, 'manifest.json'), 'x')
    await library.remove(item.id)
    expect(existsSync(folder)).toBe(false)
    expect(await library.restore(item.id)).toMatchObject({ id: item.id, state: 'unreadable', note: 'keep' })
  })

  test('whose note in the trash is damaged or hostile stays there', async () => {
    const { home, library, item } = await homeWithRun()
    await library.remove(item.id)
    const [entry = ''] = readdirSync(join(home, 'trash'))
    const note = join(home, 'trash', entry, 'item.json')
    const { record } = JSON.parse(readFileSync(note, 'utf8')) as { record: unknown }
    for (const text of ['{', '[]', ...['../x', '..', '.', 'a/b', ''].map((name) => JSON.stringify({ name, record }))]) {
      writeFileSync(note, text)
      await expect(library.restore(item.id)).rejects.toThrow(
        `${note} is damaged; move the folder "run" beside it back by hand.`
      )
    }
    expect(existsSync(join(home, 'trash', entry, 'run', 'manifest.json'))).toBe(true)
  })
})

test('a file is only forgotten', async () => {
  const { home, library } = openLibrary()
  const item = await library.open(golden)
  await library.edit(item.id, { note: 'mine' })
  await library.remove(item.id)
  expect(existsSync(golden)).toBe(true)
  expect(await library.list()).toHaveLength(12)
  await expect(library.edit(item.id, { note: '' })).rejects.toThrow('The library has no item')
  const back = await openLibrary({ home }).library.restore(item.id)
  expect(back).toEqual({ ...item, note: 'mine' })
  expect(await library.restore(item.id)).toEqual(back)
  await library.remove(item.id)
  expect(await library.open(golden)).toMatchObject({ id: item.id, note: 'mine' })
  expect(await library.list()).toHaveLength(13)
})

test("samples can't be deleted", async () => {
  const { library } = openLibrary()
  const { id } = await itemNamed(library, 'clean-baseline-0')
  await expect(library.remove(id)).rejects.toThrow("clean-baseline-0 comes with the program and can't be deleted.")
})

describe('after 30 days', () => {
  test('what lies in the trash is removed at the start, and nothing else', async () => {
    const home = realpathSync(temporaryFolder())
    const at = (name: string) => join(home, 'trash', name)
    const [old, young] = [31, 29].map((days) => `0123456789abcdef-${stampOf(Date.now() - days * dayMs)}`)
    for (const name of [old!, young!, 'mine', '0123456789abcdef-20200101']) mkdirSync(at(name), { recursive: true })
    writeFileSync(join(at(old!), 'item.json'), '')
    const { library } = openLibrary({ home })
    // Whatever is brought back waits until the trash has been looked through.
    await expect(library.restore('ffff')).rejects.toThrow(
      'It cannot be brought back: what was deleted is kept for 30 days only.'
    )
    expect(readdirSync(join(home, 'trash')).sort()).toEqual([young!, '0123456789abcdef-20200101', 'mine'].sort())
  })

  test('a forgotten file is forgotten', async () => {
    const { home, library } = openLibrary()
    const item = await library.open(golden)
    await library.remove(item.id)
    const file = join(home, 'library.json')
    const stored = JSON.parse(readFileSync(file, 'utf8')) as { items: { forgottenAt: string }[] }
    stored.items[0]!.forgottenAt = new Date(Date.now() - 31 * dayMs).toISOString()
    writeFileSync(file, JSON.stringify(stored))
    await expect(library.restore(item.id)).rejects.toThrow('what was deleted is kept for 30 days only.')
  })
})
