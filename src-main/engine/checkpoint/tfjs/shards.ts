import { lstat, realpath, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { UserError } from '../../../../src-shared/errors.ts'
import { explainFileError } from '../../../file-errors.ts'
import { isWithin } from '../../../is-within.ts'
import { quote } from '../../pickle/values.ts'
import { withOpenFile } from '../open-file.ts'
import type { WeightGroup } from './weights-manifest.ts'

/** A file of weights: its real path, and its length in bytes. */
export type Shard = { path: string; size: number }

/**
 * The files of a group, which together must be as long as its weights. Throws UserError where one is missing, leads out of
 * the model's folder, or where lengths differ; none is read.
 */
export async function findShards(model: string, { paths, bytes }: WeightGroup): Promise<Shard[]> {
  const folder = await realpath(dirname(model))
  const twice = paths.find((name, index) => paths.indexOf(name) !== index)
  if (twice !== undefined) throw new UserError(`${model}: it names the file of weights ${quote(twice)} twice.`)
  const shards: Shard[] = []
  for (const name of paths) shards.push(await findShard(model, folder, name))
  const found = shards.reduce((sum, { size }) => sum + size, 0)
  if (found !== bytes)
    throw new UserError(
      `${model}: its weights need ${bytes} bytes, but ${describe(paths)} of its folder hold ${found}.`
    )
  return shards
}

async function findShard(model: string, folder: string, name: string): Promise<Shard> {
  const path = join(folder, ...name.split('/'))
  try {
    await lstat(path)
    const real = await realpath(path)
    // A link may lead anywhere.
    if (!isWithin(folder, real))
      throw new UserError(`${model}: its file of weights ${quote(name)} is a link out of its folder.`)
    const entry = await stat(real)
    if (!entry.isFile()) throw new UserError(`${model}: its file of weights ${quote(name)} is not a regular file.`)
    return { path: real, size: entry.size }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new UserError(`${model}: its file of weights ${quote(name)} is missing; put it back beside the model.`)
    throw explainFileError(error, path)
  }
}

const describe = (paths: string[]): string => (paths.length === 1 ? quote(paths[0]!) : `the ${paths.length} files`)

/** `length` bytes from `start` on of what the files are one behind the other. Throws UserError. */
export async function readRange(shards: readonly Shard[], start: number, length: number): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  let begin = 0
  for (const { path, size } of shards) {
    const from = Math.max(start, begin)
    const to = Math.min(start + length, begin + size)
    if (from < to) bytes.set(await withOpenFile(path, (file) => file.read(from - begin, to - from)), from - start)
    begin += size
  }
  return bytes.buffer
}
