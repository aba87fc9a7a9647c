import { describe, expect, it } from 'vitest'
import { takeDropped, type Dropped } from '../../../src-renderer/connection/dropped.ts'
import { findSets } from '../../../src-renderer/connection/parts-of.ts'
import { sendDropped } from '../../../src-renderer/connection/send-dropped.ts'
import { CancelledError } from '../../../src-shared/errors.ts'

const file = (name: string, text = 'x') => new File([text], name, { lastModified: 1000 })
type Tree = { [name: string]: Tree | File }

/** What a browser gives for a tree of files; folders tell their entries in pieces of two. */
function entryOf(name: string, node: Tree | File): FileSystemEntry {
  if (node instanceof File)
    return { name, isDirectory: false, isFile: true, file: (take: (file: File) => void) => take(node) } as never
  const entries = Object.entries(node).map(([child, inner]) => entryOf(child, inner))
  return {
    ...{ name, isDirectory: true, isFile: false },
    createReader: () => {
      const left = [...entries]
      return { readEntries: (take: (some: FileSystemEntry[]) => void) => take(left.splice(0, 2)) }
    }
  } as never
}
const transferOf = (things: Record<string, Tree | File>): DataTransfer =>
  ({
    items: [
      ...Object.entries(things).map(([name, node]) => ({
        kind: 'file',
        webkitGetAsEntry: () => entryOf(name, node),
        getAsFile: () => (node instanceof File ? node : new File([], name))
      })),
      { kind: 'string' }
    ]
  }) as never
const places = ({ files }: Dropped) => files.map(({ folders, file }) => [...folders, file.name].join('/'))

describe('what was dropped', () => {
  it('is files, and folders with all files below them but hidden ones', async () => {
    const run = { 'manifest.json': file('manifest.json'), '.git': file('.git'), checkpoints: { '1': { w: file('w') } } }
    const dropped = await takeDropped(transferOf({ 'a.pth': file('a.pth'), run }))()
    expect(dropped.map(({ name, isFolder }) => [name, isFolder])).toEqual([
      ['a.pth', false],
      ['run', true]
    ])
    expect(dropped.map(places)).toEqual([['a.pth'], ['manifest.json', 'checkpoints/1/w']])
  })

  it('is refused where a folder holds too many files, or none', async () => {
    const many = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`${i}`, file(`${i}`)]))
    await expect(takeDropped(transferOf({ many }))()).rejects.toThrow(
      "The folder many holds more than 1000 files, too many to send; copy it to the lab's machine and open it there."
    )
    await expect(takeDropped(transferOf({ empty: {} }))()).rejects.toThrow('The folder empty holds no files.')
  })

  it('is a file too where the browser knows no entries', async () => {
    const transfer = { items: [{ kind: 'file', webkitGetAsEntry: () => null, getAsFile: () => file('a.pth') }] }
    expect((await takeDropped(transfer as never)()).map(places)).toEqual([['a.pth']])
  })
})

const model = JSON.stringify({ weightsManifest: [{ paths: ['w1.bin', 'w2.bin'] }] })

describe('files in parts', () => {
  it('belong to the one that names them', async () => {
    const files = ['w2.bin', 'other.bin', 'w1.bin', 'net.onnx', 'net.onnx.data', 'a.pth', 'a.pth.autodidact.json']
    const sets = await findSets([...files.map((name) => file(name)), file('model.json', model)])
    expect(sets.map(({ main, parts }) => [main.name, parts.map(({ name }) => name)])).toEqual([
      ['other.bin', []],
      ['net.onnx', ['net.onnx.data']],
      ['a.pth', ['a.pth.autodidact.json']],
      ['model.json', ['w2.bin', 'w1.bin']]
    ])
  })

  it.each(['{', '[]', '{"weightsManifest":[{"paths":[1]}]}', '{"weightsManifest":[{"paths":["model.json"]}]}'])(
    'are none in a model.json that says %s',
    async (text) => {
      expect(await findSets([file('model.json', text), file('w1.bin')])).toHaveLength(2)
    }
  )
})

describe('sending', () => {
  const sent: string[] = []
  const upload = (one: File, { into = [], onBytes }: { into?: readonly string[]; onBytes?: (n: number) => void }) => {
    onBytes?.(one.size)
    const way = ['/home/uploads', ...into, one.name].join('/')
    sent.push(way)
    return Promise.resolve(way)
  }

  it('puts what belongs together into one folder, and opens the first of it', async () => {
    sent.length = 0
    const fractions: number[] = []
    const dropped = await takeDropped(
      transferOf({
        'w1.bin': file('w1.bin'),
        'model.json': file('model.json', model),
        'a.pth': file('a.pth'),
        epochs: { '1.pth': file('1.pth'), more: { '2.pth': file('2.pth') } }
      })
    )()
    const paths = await sendDropped(dropped, upload, { onProgress: (fraction) => fractions.push(fraction) })
    const place = /^\/home\/uploads\/([a-z0-9]+-[a-z0-9]+)\//.exec(sent[0]!)![1]!
    expect(sent).toEqual([
      `/home/uploads/${place}/model/w1.bin`,
      `/home/uploads/${place}/model/model.json`,
      '/home/uploads/a.pth',
      `/home/uploads/${place}/epochs/1.pth`,
      `/home/uploads/${place}/epochs/more/2.pth`
    ])
    expect(paths).toEqual([
      `/home/uploads/${place}/model/model.json`,
      '/home/uploads/a.pth',
      `/home/uploads/${place}/epochs`
    ])
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b))
    expect(fractions.at(-1)).toBe(1)
  })

  it('ends where it is cancelled', async () => {
    const dropped = await takeDropped(transferOf({ a: file('a'), b: file('b') }))()
    let count = 0
    const cancelled = () => (++count > 1 ? Promise.reject(new CancelledError('Cancelled.')) : Promise.resolve('/a'))
    await expect(sendDropped(dropped, cancelled, {})).rejects.toThrow(CancelledError)
  })
})
