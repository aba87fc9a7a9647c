import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { decodeAll, decodeOnThreads } from '../../../src-main/engine/data/formats/image-folder/decode-all.ts'
import { UserError } from '../../../src-shared/errors.ts'
import { ensureBuilt } from '../../helpers/built.ts'
import { temporaryFolder } from '../training/small-run.ts'
import { witness } from './formats/written.ts'

test('a thread that fails by itself is a sentence on the file that it was given', async () => {
  const program = join(temporaryFolder(), 'program.mjs')
  for (const [text, why] of [
    ["throw new Error('boom')", 'the thread that decodes it failed (boom)'],
    ['process.exit(3)', 'the thread that decodes it ended with status 3']
  ] as const) {
    await writeFile(program, text)
    await expect(decodeOnThreads(program, ['/a.png'], 16, 3)).rejects.toThrow(
      new UserError(`/a.png can't be decoded: ${why}.`)
    )
  }
})

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
