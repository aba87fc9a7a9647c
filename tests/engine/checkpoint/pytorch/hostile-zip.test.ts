import { describe, expect, test } from 'vitest'
import { openCheckpoint } from '../../../../src-main/engine/checkpoint/checkpoint.ts'
import { encodeZip } from '../../../../src-main/engine/checkpoint/zip/zip-encode.ts'
import { UserError } from '../../../../src-shared/errors.ts'
import { dict, pickle, unicode } from '../../pickle/pickle-writer.ts'
import { entriesOf, entry, fileOf, floats, pair, placesIn } from './torch-files.ts'

const good = pickle(dict([unicode('w'), pair]))
const evil = pickle('cos\nsystem\n', '(', unicode('true'), 'tR')
const usual = () => entriesOf(good, floats(1, 2))

const opened = async (zip: Uint8Array) =>
  [...(await openCheckpoint(fileOf(zip))).weights].map(([name, { data }]) => [name, ...data])
async function refused(zip: Uint8Array, sentence: string | RegExp) {
  const path = fileOf(zip)
  const error: unknown = await openCheckpoint(path).catch((error: unknown) => error)
  expect(error).toBeInstanceOf(UserError)
  const message = (error as UserError).message
  if (typeof sentence === 'string') expect(message).toBe(`${path}${sentence}`)
  else expect(message).toMatch(sentence)
}
/** A good archive after a change to its bytes. */
function changed(name: string, change: (view: DataView, places: ReturnType<typeof placesIn>) => void): Uint8Array {
  const zip = encodeZip(usual())
  change(new DataView(zip.buffer), placesIn(zip, name))
  return zip
}

test('a plain one opens', async () => {
  expect(await opened(encodeZip(usual()))).toEqual([['w', 1, 2]])
})

describe('what a scanner could miss', () => {
  test('pickles that PyTorch does not read are not read either', async () => {
    const zip = encodeZip([...usual(), entry('archive/extra.pkl', evil), entry('archive/data/data.pickle', evil)])
    expect(await opened(zip)).toEqual([['w', 1, 2]])
  })
  test('a second pickle behind the first', () => {
    const zip = encodeZip(entriesOf(Uint8Array.from([...good, ...evil]), floats(1, 2)))
    return refused(zip, ': "archive/data.pkl" goes on behind the end of its pickle.')
  })
  test.each(['other/data.pkl', 'data.pkl', 'archive/data/data.pkl', 'other/DATA.PKL'])('a second one as %s', (name) =>
    refused(
      encodeZip([...usual(), entry(name, evil)]),
      ` must hold one data.pkl, in a folder, but holds "archive/data.pkl" and "${name}".`
    )
  )
  test('the same name twice', () =>
    refused(encodeZip([...usual(), entry('archive/data.pkl', evil)]), ' holds "archive/data.pkl" twice.'))
  test('one that only the headers in front of the entries name', () =>
    refused(
      changed('archive/data.pkl', (view, { record }) => view.setUint8(record + 46, 0x62)),
      ' is damaged: what is before "brchive/data.pkl" says another name than the directory.'
    ))
  test('another size in the header', () =>
    refused(
      changed('archive/data/0', (view, { header }) => view.setUint32(header + 22, 4, true)),
      ' is damaged: what is before "archive/data/0" says another size than the directory.'
    ))
  test('another way of packing in the header', () =>
    refused(
      changed('archive/data/0', (view, { header }) => view.setUint16(header + 8, 8, true)),
      ' is damaged: what is before "archive/data/0" says another way of packing than the directory.'
    ))
  test('another check sum in the header', () =>
    refused(
      changed('archive/data.pkl', (view, { header }) => view.setUint32(header + 14, 1, true)),
      ' is damaged: what is before "archive/data.pkl" says another check sum than the directory.'
    ))
  test('a check sum that is wrong in both places: scanners stop there, PyTorch goes on', () =>
    refused(
      changed('archive/data.pkl', (view, { header, record }) => {
        view.setUint32(header + 14, 1, true)
        view.setUint32(record + 16, 1, true)
      }),
      ' is damaged: the check sum of "archive/data.pkl" does not match.'
    ))
  test('an entry said to be encrypted', () =>
    refused(
      changed('archive/data.pkl', (view, { record }) => view.setUint16(record + 8, 0x801, true)),
      /"archive\/data\.pkl" is encrypted; it can't be read\.$|compressed\/uncompressed size mismatch/
    ))
})

describe('archives that are not what they say', () => {
  test('a packed entry', () =>
    refused(
      changed('archive/data/0', (view, { record }) => view.setUint16(record + 10, 8, true)),
      ': "archive/data/0" is packed; checkpoints hold their entries as they are.'
    ))
  test('an entry larger than the file', () =>
    refused(
      changed('archive/data/0', (view, { header, record }) => {
        for (const at of [header + 18, header + 22, record + 20, record + 24]) view.setUint32(at, 2 ** 31, true)
      }),
      / is cut off or damaged: "archive\/data\/0" goes on behind its end\.$|begins before the entry in front of it ends\.$/
    ))
  test('entries that share bytes', () =>
    refused(
      changed('archive/data/0', (view, { header, record }) => {
        for (const at of [header + 18, header + 22, record + 20, record + 24]) view.setUint32(at, 80, true)
      }),
      ': "archive/version" begins before the entry in front of it ends.'
    ))
  test('a header somewhere else', () =>
    refused(
      changed('archive/version', (view, { header, record }) => view.setUint32(record + 42, header + 1, true)),
      /there is no header before "archive\/version"\.$/
    ))
  test.each(['../evil', '/etc/evil', 'archive/../../evil', 'C:/evil', 'a\\b'])('a path that leads out: %s', (name) =>
    refused(encodeZip([...usual(), entry(name, 'x')]), / is a damaged archive: .*evil|invalid characters/)
  )
  test('more entries than there are', () => {
    const zip = encodeZip(usual())
    new DataView(zip.buffer).setUint16(zip.length - 12, 60_000, true)
    return refused(zip, / is a damaged archive: | is cut off/)
  })
  test('cut off', () =>
    refused(
      encodeZip(usual()).subarray(0, 300),
      / is cut off: the end of the archive is missing; copy or download it again\.$/
    ))
  test('any cut is refused', async () => {
    const zip = encodeZip(usual())
    for (let length = 40; length < zip.length; length += 23)
      await expect(openCheckpoint(fileOf(zip.subarray(0, length)))).rejects.toBeInstanceOf(UserError)
  })
  test('any changed byte gives a checkpoint or a refusal', async () => {
    const zip = encodeZip(usual())
    for (let at = 0; at < zip.length; at += 3) {
      const bytes = zip.slice()
      bytes[at] = bytes[at]! ^ 0xff
      const result: unknown = await openCheckpoint(fileOf(bytes)).catch((error: unknown) => error)
      if (result instanceof Error) expect(result).toBeInstanceOf(UserError)
    }
  })
})

test('numbers in big-endian order', () => {
  const entries = usual().map((item) => (item.name.endsWith('byteorder') ? entry(item.name, 'big') : item))
  return refused(
    encodeZip(entries),
    ' holds its numbers in big-endian order, which is not read; save it on another machine.'
  )
})
test('a zip that is no checkpoint', () =>
  refused(
    encodeZip([entry('readme.txt', 'hello')]),
    ' is a zip file, but none that PyTorch, Keras or NumPy writes; unpack it, and open the checkpoint that lies in it.'
  ))
test('an empty pickle', () => refused(encodeZip(entriesOf(new Uint8Array(0))), / is cut off or damaged: at byte 0/))
test('a pickle without tensors', () => refused(encodeZip(entriesOf(pickle('N'))), ' holds no tensors.'))
