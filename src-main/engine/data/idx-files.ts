import { join } from 'node:path'
import { UserError } from '../../../src-shared/errors.ts'
import type { Listing } from './formats/format.ts'

/** Paths of a data set's four IDX files. */
export type IdxFiles = Record<'train' | 'test', { images: string; labels: string }>

const pattern = /^(?:.*-)?(train|test|t10k)-(images|labels)[-.]idx\d-ubyte(?:\.gz)?$/

/** True for the name of one of a data set's four IDX files. */
export const isIdxName = (name: string): boolean => pattern.test(name)

/** Finds the four IDX files in a folder by their usual names, packed or not; UserError where one is missing. */
export function findIdxFiles({ path: folder, files: names }: Listing): IdxFiles {
  const find = (split: 'train' | 'test', content: 'images' | 'labels'): string => {
    const matches = names.filter((name) => {
      const [, part, kind] = pattern.exec(name) ?? []
      return kind === content && (part === 'train' ? 'train' : 'test') === split
    })
    const unpacked = new Set(matches.map((name) => name.replace(/\.gz$/, '')))
    if (unpacked.size > 1)
      throw new UserError(`${folder} holds several files of ${split} ${content}: ${matches.join(', ')}.`)
    const [first] = matches
    if (first) return join(folder, first)
    const usual = `${split === 'train' ? 'train' : 't10k'}-${content}-idx${content === 'images' ? 3 : 1}-ubyte.gz`
    throw new UserError(`${folder} is no data set: it holds no ${usual}.`)
  }
  return {
    train: { images: find('train', 'images'), labels: find('train', 'labels') },
    test: { images: find('test', 'images'), labels: find('test', 'labels') }
  }
}
