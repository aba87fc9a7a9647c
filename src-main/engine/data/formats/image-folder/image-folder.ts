import type { ImageShape } from '../../dataset-types.ts'
import { requireAllocatable, type DatasetFormat } from '../format.ts'
import { decodeAll } from './decode-all.ts'
import { findImages, holdsImages, type FoundImages } from './find-images.ts'
import { readImageHeader } from './image-header.ts'

/** A folder of PNG and JPEG images with a folder for each class. */
export const imageFolder: DatasetFormat = {
  id: 'image-folder',
  title: 'image folder',
  match: holdsImages,

  async describe(listing, { size, classes }) {
    const found = await findImages(listing)
    return {
      classes: [...(classes ?? found.classes)],
      trainCount: found.train.paths.length,
      testCount: found.test.paths.length,
      shape: [size, size, await channelsOf(found)],
      note: found.note
    }
  },

  async readSplit(listing, name, { size }) {
    const found = await findImages(listing)
    const { paths, labels } = found[name]
    const channels = await channelsOf(found)
    const shape: ImageShape = [size, size, channels]
    requireAllocatable(listing.path, paths.length, shape)
    const images = await decodeAll(paths, size, channels)
    return { split: { images, labels: Int32Array.from(labels), count: paths.length }, shape, labelsPath: listing.path }
  }
}

/** 1 where every image says that it has no colours, otherwise 3; from the headers, up to the first with colours. */
async function channelsOf({ train, test }: FoundImages): Promise<1 | 3> {
  for (const { paths } of [train, test]) for (const path of paths) if (!(await readImageHeader(path)).isGrey) return 3
  return 1
}
