import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import h5wasm, { FS, type Group } from 'h5wasm'
import { beforeAll, describe, expect, test } from 'vitest'
import { UserError } from '../../../../src-shared/errors.ts'
import { openCheckpoint } from '../../../../src-main/engine/checkpoint/checkpoint.ts'
import { readOutline, runThread } from '../../../../src-main/engine/checkpoint/keras/hdf5/read-hdf5.ts'
import { createRandom } from '../../../../src-shared/science/random.ts'
import { temporaryFolder } from '../../training/small-run.ts'

const fixtures = join(import.meta.dirname, '../../../fixtures/keras')

beforeAll(() => h5wasm.ready)

/** A file that the library itself writes, with this in it. */
function written(name: string, fill: (file: Group) => void): string {
  const file = new h5wasm.File(`/${name}`, 'w')
  fill(file)
  file.close()
  const path = join(temporaryFolder(), name)
  writeFileSync(path, FS!.readFile(`/${name}`))
  return path
}

const outlineOf = (path: string) => {
  const bytes = Uint8Array.from(readFileSync(path))
  return readOutline({ path, size: bytes.length, bytes: () => Promise.resolve(bytes) })
}

describe('HDF5', () => {
  test('names, shapes, types, texts and values', async () => {
    const path = written('plain.h5', (file) => {
      file.create_dataset({ name: 'logits', data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] })
      const group = file.create_group('deep')
      group.create_dataset({ name: 'labels', data: BigInt64Array.of(3n, -1n) })
      group.create_dataset({ name: 'packed', data: new Float64Array(4000), chunks: [1000], compression: 'gzip' })
      group.create_dataset({ name: 'words', data: ['a', 'b'] })
      file.create_attribute('model_config', 'ä')
    })
    const { datasets, texts, values } = await outlineOf(path)
    expect(datasets.map(({ path, dtype, shape }) => [path, dtype, shape])).toEqual([
      ['/deep/labels', 'I64', [2]],
      ['/deep/packed', 'F64', [4000]],
      ['/logits', 'F32', [3, 2]]
    ])
    expect(texts).toEqual([{ path: '', name: 'model_config', texts: ['ä'] }])
    expect([...new Float32Array(values![2]!)]).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('arrays that Keras did not write keep their order of axes', async () => {
    const path = written('arrays.h5', (file) => {
      file.create_dataset({ name: 'table', data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] })
    })
    const { network, tensors, weights } = await openCheckpoint(path)
    expect([network, tensors]).toEqual([null, [{ name: 'table', dtype: 'F32', shape: [3, 2] }]])
    expect([...weights.get('table')!.data]).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('links lead nowhere, be they soft, to other files, or in circles', async () => {
    const path = written('links.h5', (file) => {
      file.create_dataset({ name: 'own', data: Float32Array.of(1) })
      file.create_soft_link('/own', 'soft')
      file.create_external_link('/etc/passwd', '/', 'passwd')
      file.create_external_link('file', '/', 'itself')
    })
    expect((await outlineOf(path)).datasets.map((dataset) => dataset.path)).toEqual(['/own'])
    const circle = written('circle.h5', (file) => {
      file.create_group('a')
      file.create_hard_link('/', 'a/again')
    })
    await expect(openCheckpoint(circle)).rejects.toThrow(`${circle} has groups more than 32 levels deep.`)
  })

  test('shapes that the file has no bytes for take no memory', async () => {
    const path = written('huge.h5', (file) => {
      file.create_dataset({ name: 'huge', data: Float32Array.of(1), shape: [1], maxshape: [null], chunks: [1000] })
      ;(file.get('huge') as { resize(shape: number[]): number }).resize([2 ** 40])
    })
    await expect(openCheckpoint(path)).rejects.toThrow(
      /huge\.h5 describes 4398046511104 bytes of values, but is only \d+ bytes long\.$/
    )
  })

  test('a thread that needs too long or too much is ended', async () => {
    const bytes = () => Uint8Array.from(readFileSync(join(fixtures, 'two_exits.h5')))
    const limits = {
      libraryBytes: 192 * 2 ** 20,
      valueBytes: 2 ** 30,
      eagerBytes: 0,
      textLength: 2 ** 20,
      objects: 1000,
      depth: 9,
      attributes: ['model_config']
    }
    const task = (more: object) => ({ bytes: bytes(), want: 'outline' as const, limits: { ...limits, ...more } })
    await expect(runThread(task({}), 0, 'a.h5')).rejects.toThrow(
      'a.h5 takes longer to read than any file of its size should: it is damaged.'
    )
    await expect(runThread(task({ textLength: 10 }), 60_000, 'a.h5')).rejects.toThrow(
      'a.h5 holds longer texts than any model has.'
    )
    await expect(runThread(task({ objects: 3 }), 60_000, 'a.h5')).rejects.toThrow(
      'a.h5 holds more than 3 groups and data sets.'
    )
    const values = runThread(
      { ...task({ libraryBytes: 0 }), want: ['/model_weights/stem/stem/kernel'] },
      60_000,
      'a.h5'
    )
    await expect(values).resolves.toHaveLength(1)
  })

  test('a file that is cut off, and one that is only a signature', async () => {
    const whole = readFileSync(join(fixtures, 'two_exits.h5'))
    const folder = temporaryFolder()
    for (const length of [8, 100, 2000, whole.length - 1]) {
      const path = join(folder, `cut-${length}.h5`)
      writeFileSync(path, whole.subarray(0, length))
      await expect(openCheckpoint(path)).rejects.toThrow(
        `${path} is a damaged HDF5 file: its parts do not fit together.`
      )
    }
  })
  test('flipped bytes: each file opens or is refused in one sentence', async () => {
    const whole = readFileSync(join(fixtures, 'nested.h5'))
    const path = join(temporaryFolder(), 'flipped.h5')
    const random = createRandom(3, 'flips')
    const below = (count: number): number => Math.floor(random.uniform() * count)
    for (let turn = 0; turn < 12; turn++) {
      const bytes = Uint8Array.from(whole)
      // The head, then anywhere.
      for (const range of [3000, bytes.length]) bytes[below(range)] = below(256)
      writeFileSync(path, bytes)
      const sentence = await openCheckpoint(path).then(
        () => `${path} opens.`,
        (error: unknown) => (error instanceof UserError ? error.message : String(error))
      )
      expect(sentence).toMatch(/^\/[^\n]*flipped\.h5[^\n]*\.$/)
    }
  })
})
