import { UserError } from '../../../../src-shared/errors.ts'
import { readNpy, readNpyHeader } from '../../numpy/npy.ts'
import { isText, numberTypeOf, textsOf } from '../../numpy/npy-values.ts'
import { listZipArrays } from '../../numpy/zip-arrays.ts'
import type { CheckpointFormat, Contents } from '../format.ts'
import type { OpenFile } from '../open-file.ts'
import { isZip } from '../zip/zip-directory.ts'

/** What all arrays may take, unpacked: a small archive can claim to hold a thousand times its size. */
const mostBytes = (packed: number): number => Math.min(4 * 2 ** 30, 64 * 2 ** 20 + 16 * packed)
/** Of all texts: names of classes are a few hundred. */
const mostTextBytes = 16 * 2 ** 20

/** NumPy's archive of arrays: a zip whose first entry is a .npy file; texts in it become notes, as JSON lists. */
export const npzFormat: CheckpointFormat = { name: 'npz', match, read }

async function match(file: OpenFile): Promise<boolean> {
  if (!isZip(file) || file.size < 30) return false
  const length = new DataView(file.start.buffer, file.start.byteOffset).getUint16(26, true)
  if (30 + length > file.size) return false
  return Buffer.from(await file.read(30, length))
    .toString('latin1')
    .endsWith('.npy')
}

async function read(file: OpenFile): Promise<Contents> {
  const tensors: Contents['tensors'] = new Map()
  const notes: Contents['notes'] = new Map()
  const sources = await listZipArrays(file)
  const bytes = [...sources.values()].reduce((sum, { size }) => sum + size, 0)
  const most = mostBytes(file.size)
  if (bytes > most)
    throw new UserError(
      `${file.path} would take ${bytes} bytes unpacked; at most ${most} are read of a file of its size: save it with np.savez, unpacked.`
    )
  let textBytes = 0
  for (const [name, source] of sources) {
    const header = await readNpyHeader(source)
    if (isText(header)) {
      textBytes += source.size
      if (textBytes > mostTextBytes)
        throw new UserError(`${file.path} holds more than 16 MiB of text; save numbers as numbers.`)
      notes.set(name, JSON.stringify(textsOf(header, (await readNpy(source)).bytes)))
    } else {
      const { dtype, decode } = numberTypeOf(source.name, header)
      tensors.set(name, { dtype, shape: header.shape, load: async () => decode((await readNpy(source)).bytes) })
    }
  }
  return { tensors, notes }
}
