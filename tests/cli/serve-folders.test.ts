import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { confine, listFolder } from '../../src-main/cli/server/list-folder.ts'
import { checkpointEndings } from '../../src-shared/checkpoint-endings.ts'
import { connect } from '../../src-shared/rpc.ts'
import { shellCalls } from '../../src-shared/shell-contract.ts'
import { socketTransport } from '../../src-shared/socket-transport.ts'
import { makeFolder, openSocket, startLab } from './served/lab.ts'

function makeTree(): { folder: string; root: string } {
  const folder = makeFolder()
  const root = join(folder, 'root')
  for (const path of ['nets', 'nets/run-10', 'nets/run-2', 'nets/empty', 'nets/.hidden'])
    mkdirSync(join(root, path), { recursive: true })
  mkdirSync(join(folder, 'outside'))
  mkdirSync(join(folder, 'rooted'))
  for (const path of ['root/nets/run-10/manifest.json', 'outside/manifest.json'])
    writeFileSync(join(folder, path), '{}')
  for (const name of ['b.safetensors', 'A.SAFETENSORS', 'c.json', '.d.safetensors', 'safetensors'])
    writeFileSync(join(root, 'nets', name), 'abc')
  writeFileSync(join(folder, 'outside', 'secret.safetensors'), 'secret')
  return { folder, root }
}

const names = ({ entries }: { entries: { name: string; kind: string }[] }) =>
  entries.map(({ name, kind }) => `${kind} ${name}`)

describe('a listing', () => {
  it('has folders, runs and checkpoints, folders first, numbers in their order', async () => {
    const { root } = makeTree()
    const listing = await listFolder(join(root, 'nets'), [root])
    expect(names(listing)).toEqual([
      'folder empty',
      'folder run-2',
      'run run-10',
      'file A.SAFETENSORS',
      'file b.safetensors',
      'file c.json'
    ])
    expect(listing).toMatchObject({ path: join(root, 'nets'), parent: root, isCut: false })
    expect(listing.entries[3]).toEqual({
      name: 'A.SAFETENSORS',
      path: join(root, 'nets', 'A.SAFETENSORS'),
      kind: 'file',
      bytes: 3,
      changedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    })
  })

  it('has files of every format, and all others where they are asked for', async () => {
    const { root } = makeTree()
    const formats = join(root, 'formats')
    mkdirSync(formats)
    const known = checkpointEndings.map((ending) => `net${ending}`)
    for (const name of [...known, 'notes.txt', 'net.pth.autodidact.json']) writeFileSync(join(formats, name), '')
    const listed = async (all?: boolean) => (await listFolder(formats, [root], all)).entries.map(({ name }) => name)
    expect((await listed()).toSorted()).toEqual(known.toSorted())
    expect((await listed(true)).toSorted()).toEqual([...known, 'net.pth.autodidact.json', 'notes.txt'].toSorted())
  })

  it('begins at the first root, which has no parent', async () => {
    const { root, folder } = makeTree()
    expect(await listFolder(null, [root, join(folder, 'rooted')])).toMatchObject({ path: root, parent: null })
    expect(await listFolder(join(root, 'nets', 'empty'), [root])).toMatchObject({ entries: [], isCut: false })
  })

  it("without roots begins at the user's own folder, and goes up to the top", async () => {
    const listing = await listFolder(null, null)
    expect(listing.path).toBe((await listFolder(homedir(), null)).path)
    expect(listing.parent).toBe(dirname(listing.path))
    expect(await listFolder('/', null)).toMatchObject({ path: '/', parent: null })
  })

  it('leaves out links that lead outside, to nothing or to themselves, and follows the others', async () => {
    const { folder, root } = makeTree()
    const nets = join(root, 'nets', 'empty')
    symlinkSync(join(folder, 'outside'), join(nets, 'out-folder'))
    symlinkSync(join(folder, 'outside', 'secret.safetensors'), join(nets, 'out.safetensors'))
    symlinkSync('nothing', join(nets, 'broken.safetensors'))
    symlinkSync('loop.safetensors', join(nets, 'loop.safetensors'))
    symlinkSync(join(root, 'nets', 'run-10'), join(nets, 'linked-run'))
    symlinkSync('../b.safetensors', join(nets, 'linked.safetensors'))
    expect(names(await listFolder(nets, [root]))).toEqual(['run linked-run', 'file linked.safetensors'])
    expect(names(await listFolder(nets, null))).toContain('run out-folder')
  })

  it('is cut after 1,000 entries, and says so', async () => {
    const { root } = makeTree()
    const many = join(root, 'many')
    mkdirSync(many)
    for (let i = 0; i < 1001; i++) writeFileSync(join(many, `${i}.safetensors`), '')
    const { entries, isCut } = await listFolder(many, [root])
    expect(isCut).toBe(true)
    expect(entries.map(({ name }) => name)).toEqual(Array.from({ length: 1000 }, (_, i) => `${i}.safetensors`))
  })
})

describe('what cannot be listed gets one sentence', () => {
  it.each<
    [string, (tree: { folder: string; root: string }) => string, (tree: { folder: string; root: string }) => string]
  >([
    [
      'another folder',
      ({ folder }) => join(folder, 'outside'),
      ({ folder, root }) => `${join(folder, 'outside')} lies outside ${root}; choose a place in there.`
    ],
    [
      'one whose name begins the same',
      ({ folder }) => join(folder, 'rooted'),
      ({ folder, root }) => `${join(folder, 'rooted')} lies outside ${root}; choose a place in there.`
    ],
    [
      'one above',
      ({ root }) => `${root}/../outside`,
      ({ root }) => `${root}/../outside lies outside ${root}; choose a place in there.`
    ],
    [
      'one outside that is not there',
      ({ folder }) => join(folder, 'no'),
      ({ folder, root }) => `${join(folder, 'no')} lies outside ${root}; choose a place in there.`
    ],
    ['the top', () => '/', ({ root }) => `/ lies outside ${root}; choose a place in there.`],
    ['nothing', ({ root }) => join(root, 'no'), ({ root }) => `${join(root, 'no')} does not exist.`],
    [
      'a file',
      ({ root }) => join(root, 'nets', 'c.json'),
      ({ root }) => `${join(root, 'nets', 'c.json')} cannot be reached: a part of the path is a file, not a folder.`
    ],
    ['a relative path', () => 'nets', () => '"nets" is not an absolute path.'],
    ['an empty path', () => '', () => '"" is not an absolute path.'],
    ['a NUL', () => '/a\0b', () => '"/a\\u0000b" is not an absolute path.']
  ])('%s', async (_name, path, sentence) => {
    const tree = makeTree()
    await expect(listFolder(path(tree), [tree.root])).rejects.toThrow(sentence(tree))
  })

  it('a link that leads outside', async () => {
    const { folder, root } = makeTree()
    const link = join(root, 'link')
    symlinkSync(join(folder, 'outside'), link)
    await expect(listFolder(link, [root])).rejects.toThrow(`${link} lies outside ${root}; choose a place in there.`)
    await expect(confine(join(link, 'secret.safetensors'), [root])).rejects.toThrow('lies outside')
  })

  it.skipIf(process.getuid?.() === 0)('one without permission', async () => {
    const { root } = makeTree()
    const shut = join(root, 'nets', 'empty')
    chmodSync(shut, 0)
    await expect(listFolder(shut, [root])).rejects.toThrow(`There is no permission to use ${shut}.`)
    chmodSync(shut, 0o700)
  })
})

it('a root that is a link confines to what it leads to', async () => {
  const { folder, root } = makeTree()
  const link = join(folder, 'link')
  symlinkSync(root, link)
  expect(await listFolder(null, [link])).toMatchObject({ path: root, parent: null })
  expect(await confine(join(link, 'nets', 'b.safetensors'), [link])).toBe(join(root, 'nets', 'b.safetensors'))
})

it('a page gets the listing of the lab, and refusals as sentences', async () => {
  const lab = await startLab()
  mkdirSync(join(lab.root, 'nets'))
  const shell = connect(shellCalls, socketTransport(await openSocket(lab, '/shell')))
  expect(names(await shell.listFolder({ path: null }))).toEqual(['folder autodidact-lab', 'folder nets'])
  await expect(shell.listFolder({ path: lab.folder })).rejects.toThrow(
    `${lab.folder} lies outside ${lab.root}; choose a place in there.`
  )
})
