import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { samplesFolder } from '../../../src-main/engine/library/places.ts'
import { readGolden } from '../golden/golden.ts'
import { temporaryFolder } from '../training/small-run.ts'
import { itemNamed, openLibrary } from './lab-home.ts'

const golden = readGolden('bottleneck-resnet18-w8').weights
const damaged = (path: string) =>
  `${path} is damaged; what can be read of it is used, and the file is set aside at the next change.`

/** A home whose library holds one edited item, and the text of its file. */
async function editedHome() {
  const { home, library } = openLibrary()
  const { id } = await itemNamed(library, 'clean-baseline-0')
  await library.edit(id, { note: 'mine' })
  const file = join(home, 'library.json')
  const stored = JSON.parse(readFileSync(file, 'utf8')) as { version: number; items: Record<string, unknown>[] }
  return { home, id, file, stored, record: stored.items[0]! }
}

describe('a damaged library.json', () => {
  test.each([
    ['no JSON', '{"version": 1, "items": ['],
    ['nothing', ''],
    ['another thing', '[1, 2]'],
    ['a newer version', '{"version": 2, "items": []}'],
    ['a prototype', '{"__proto__": {"version": 1, "items": []}}']
  ])('%s: is told once, is no hindrance, and is set aside, not overwritten', async (_, text) => {
    const { home, id, file } = await editedHome()
    writeFileSync(file, text)
    const { library, warnings } = openLibrary({ home })
    expect((await library.list()).find((item) => item.id === id)).toMatchObject({ note: '' })
    await library.list()
    expect(warnings).toEqual([damaged(file)])
    expect(readFileSync(file, 'utf8')).toBe(text)
    await library.edit(id, { note: 'new' })
    expect(await library.edit(id, { tags: ['t'] })).toMatchObject({ note: 'new', tags: ['t'] })
    const aside = readdirSync(home).filter((name) => name.startsWith('library.json.damaged-'))
    expect(aside.map((name) => readFileSync(join(home, name), 'utf8'))).toEqual([text])
  })

  test('a folder in its place', async () => {
    const { library, home } = openLibrary()
    mkdirSync(join(home, 'library.json'))
    const { id } = await itemNamed(library, 'clean-baseline-0')
    expect(await library.edit(id, { note: 'new' })).toMatchObject({ note: 'new' })
  })

  test('one item too wild: the others are kept', async () => {
    const { home, id, file, stored, record } = await editedHome()
    const wild: unknown[] = [
      { ...record, note: 'n'.repeat(10_000_000) },
      { ...record, id: '../../etc' },
      { ...record, tags: 'all' },
      { ...record, name: 7 },
      { ...record, path: '' },
      null,
      JSON.parse('{"__proto__": {"id": "0123456789abcdef"}}')
    ]
    writeFileSync(file, JSON.stringify({ ...stored, items: [...wild, record] }))
    const { library, warnings } = openLibrary({ home })
    expect((await library.list()).find((item) => item.id === id)).toMatchObject({ note: 'mine' })
    expect(warnings).toEqual([damaged(file)])
    expect(({} as { id?: string }).id).toBeUndefined()
  })

  test('an item whose path is not the one that its id is of is left out', async () => {
    const { home, file, stored, record } = await editedHome()
    writeFileSync(file, JSON.stringify({ ...stored, items: [{ ...record, path: '/etc/passwd' }] }))
    expect(await openLibrary({ home }).library.list()).toHaveLength(12)
  })

  test('whatever it holds, the library opens', async () => {
    const { home, library } = openLibrary()
    const file = join(home, 'library.json')
    await library.list()
    const items = fc.array(
      fc.oneof(fc.jsonValue(), fc.record({ id: fc.string(), path: fc.string(), note: fc.jsonValue() }))
    )
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      items.map((items) => JSON.stringify({ version: 1, items }))
    )
    await fc.assert(
      fc.asyncProperty(text, async (text) => {
        writeFileSync(file, text)
        expect(await library.list()).toHaveLength(12)
      }),
      { numRuns: 50 }
    )
  })
})

describe('a damaged evaluations.json', () => {
  test('is no hindrance', async () => {
    const { home, library, warnings } = openLibrary()
    const file = join(home, 'evaluations.json')
    writeFileSync(file, '{"version": 1, "items": [{"hash": "x"}]}')
    expect(await library.evaluations.of(golden)).toBeNull()
    expect(warnings).toEqual([damaged(file)])
    const data = { kind: 'dataset', name: 'fashion-mnist', split: 'test', limit: 9 } as const
    await library.evaluations.store(golden, data, { exits: [], ensemble: { accuracy: 0.5, loss: 1 } })
    expect(await library.evaluations.of(golden)).toMatchObject({ count: 9 })
  })
})

describe('what is remembered of the files', () => {
  test('spares the reading, and never outlives a change', async () => {
    const { home, library } = openLibrary()
    const path = join(realpathSync(temporaryFolder()), 'net.safetensors')
    copyFileSync(golden, path)
    const before = await library.open(path)
    const cache = join(home, 'library-cache.json')
    const stored = JSON.parse(readFileSync(cache, 'utf8')) as { files: [string, { description: { role: string } }][] }
    stored.files.find(([file]) => file === path)![1].description.role = 'remembered'
    writeFileSync(cache, JSON.stringify(stored))
    expect(await itemNamed(openLibrary({ home }).library, 'net')).toEqual({ ...before, role: 'remembered' })
    utimesSync(path, 1, 1)
    expect(await itemNamed(openLibrary({ home }).library, 'net')).toMatchObject({ role: 'unknown' })
    copyFileSync(join(samplesFolder, 'clean-baseline-0.safetensors'), path)
    const after = await itemNamed(library, 'net')
    expect(after.hash).not.toBe(before.hash)
    expect(await library.keyOf(path)).toBe(after.hash)
  })

  test.each(['', '{', '{"version":1,"files":[["a",{}]]}', '{"version":99,"files":[]}'])('damaged: %j', async (text) => {
    const home = temporaryFolder()
    writeFileSync(join(home, 'library-cache.json'), text)
    const { library, warnings } = openLibrary({ home })
    const items = await library.list()
    expect(items.every(({ state, hash }) => state === 'ready' && hash.length === 64)).toBe(true)
    expect(warnings).toEqual([])
    expect(JSON.parse(readFileSync(join(home, 'library-cache.json'), 'utf8'))).toMatchObject({ version: 2 })
  })
})

describe('two at one home', () => {
  afterEach(() => vi.resetModules())

  /** As in another process: nothing is shared with the library here but the disk. */
  async function openAnother(home: string) {
    vi.resetModules()
    return (await import('./lab-home.ts')).openLibrary({ home }).library
  }

  test('no edit of either gets lost', async () => {
    const { home, library } = openLibrary()
    const another = await openAnother(home)
    const items = await library.list()
    await Promise.all(
      items.flatMap(({ id }) => [
        library.edit(id, { note: `note of ${id}` }),
        another.edit(id, { tags: [`tag of ${id}`] })
      ])
    )
    for (const item of await another.list())
      expect(item).toMatchObject({ note: `note of ${item.id}`, tags: [`tag of ${item.id}`] })
    expect(readdirSync(home).filter((name) => /lock|tmp|damaged/.test(name))).toEqual([])
  })

  test('what one opens, the other sees; what one deletes, the other brings back', async () => {
    const { home, library } = openLibrary()
    const another = await openAnother(home)
    const { id } = await library.open(golden)
    expect((await another.list()).at(-1)).toMatchObject({ id, path: golden })
    await another.remove(id)
    expect(await library.list()).toHaveLength(12)
    expect(await library.restore(id)).toMatchObject({ id })
  })

  test('a lock waits for its holder, and not for one that is dead', async () => {
    const { home, library } = openLibrary()
    const { id } = await itemNamed(library, 'clean-baseline-0')
    const lock = join(home, 'library.json.lock')
    writeFileSync(lock, String(2 ** 30))
    await library.edit(id, { note: 'dead' })
    writeFileSync(lock, String(process.pid))
    let isDone = false
    const edit = library.edit(id, { note: 'alive' }).then(() => (isDone = true))
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(isDone).toBe(false)
    writeFileSync(lock, String(2 ** 30))
    await edit
    expect(existsSync(lock)).toBe(false)
    expect(await library.edit(id, {})).toMatchObject({ note: 'alive' })
  })
})
