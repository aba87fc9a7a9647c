import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { decodeAll, decodeOnThreads } from '../../../src-main/engine/data/formats/image-folder/decode-all.ts'
import { UserError } from '../../../src-shared/errors.ts'
import { ensureBuilt } from '../../helpers/built.ts'
import { temporaryFolder } from '../training/small-run.ts'
import { witness } from './formats/written.ts'

test('threads decode as the sources do, in order, and tell the first damaged file', async () => {
  const program = join(await ensureBuilt('node'), 'image-worker.js')
  const names = ['colour.png', 'alpha.png', 'colour.jpg', 'grey.png', 'small.png']
  const paths = Array.from({ length: 200 }, (_, index) => join(witness, 'images', names[index % names.length]!))
  expect(await decodeOnThreads(program, paths, 16, 3)).toEqual(await decodeAll(paths, 16, 3))
  expect(await decodeOnThreads(program, [], 16, 3)).toHaveLength(0)
  const damaged = join(temporaryFolder(), 'text.png')
  await copyFile(join(witness, 'expected.json'), damaged)
  await expect(decodeOnThreads(program, [...paths, damaged], 16, 3)).rejects.toThrow(
    new UserError(`${damaged} is neither a PNG nor a JPEG image.`)
  )
})
