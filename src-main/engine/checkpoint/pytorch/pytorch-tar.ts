import { UserError } from '../../../../src-shared/errors.ts'
import type { CheckpointFormat } from '../format.ts'

const mark = 'ustar'
const markPosition = 257

/** A true tar, which a `.pth.tar` is not: to be told what it is. */
export const pytorchTar: CheckpointFormat = {
  name: 'pytorch-tar',
  async match({ size, read }) {
    if (size < markPosition + mark.length) return false
    return new TextDecoder('latin1').decode(await read(markPosition, mark.length)) === mark
  },
  read: ({ path }) =>
    Promise.reject(
      new UserError(`${path} is a tar archive, not a checkpoint; unpack it, and open the checkpoint that lies in it.`)
    )
}
