import { UserError } from '../../../../../src-shared/errors.ts'
import { fileSize, readHead } from '../read-file.ts'
import { isFrame } from './jpeg-layout.ts'
import { unpackedBytes, type PngLayout } from './png-chunks.ts'

/** What the first bytes of a PNG or JPEG file say. */
export type ImageHeader = {
  kind: 'png' | 'jpeg'
  width: number
  height: number
  /** True where the file says that it has no colours; a colour image that happens to be grey has them. */
  isGrey: boolean
  /** How a PNG's rows are packed; null for a JPEG. */
  png: PngLayout | null
}

/** Of a picture; of a JPEG fewer, for its decoder takes 20 bytes a pixel. */
const mostPixels = { png: 64_000_000, jpeg: 24_000_000 }
/** Of a file. */
export const mostImageBytes = 2 ** 28
/** Behind that much of metadata nobody looks for the size. */
const mostHeadBytes = 2 ** 20
/** More than deflate can pack (1032 to 1), bytes a byte, and more than JPEG's blocks can give, pixels a byte. */
const mostRatio = 1040
const mostJpegPixelsPerByte = 2048

/**
 * Reads size and colours of an image from its header. Throws UserError where it is neither PNG nor JPEG (whatever its
 * name says), or claims a size that is beyond 64 megapixels (a JPEG: 24) or beyond what its bytes can hold.
 */
export async function readImageHeader(path: string): Promise<ImageHeader> {
  const bytes = await fileSize(path)
  if (bytes > mostImageBytes) throw new UserError(`${path} holds ${bytes} bytes; images of at most 256 MiB are read.`)
  const start = await readHead(path, 4096)
  const header = parsePng(start) ?? parseJpeg(path, start) ?? parseJpeg(path, await readHead(path, mostHeadBytes))
  if (!header) throw new UserError(`${path} is damaged: its header does not say how large it is.`)
  const { kind, width, height, png } = header
  const size = `${width} x ${height} pixels`
  if (width === 0 || height === 0) throw new UserError(`${path} claims ${size}.`)
  if (width * height > mostPixels[kind])
    throw new UserError(
      `${path} claims ${size}; at most ${mostPixels[kind] / 1e6} megapixels ${kind === 'jpeg' ? 'of a JPEG ' : ''}are read.`
    )
  const isPossible = png ? unpackedBytes(png) <= bytes * mostRatio : width * height <= bytes * mostJpegPixelsPerByte
  if (!isPossible) throw new UserError(`${path} claims ${size}, which its ${bytes} bytes can't hold.`)
  return header
}

const pngMagic = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

/** Of a pixel, by PNG's colour type. */
const samplesOf = new Map([
  [0, 1],
  [2, 3],
  [3, 1],
  [4, 2],
  [6, 4]
])

function parsePng(bytes: Uint8Array): ImageHeader | null {
  if (bytes.length < 29 || pngMagic.some((byte, index) => bytes[index] !== byte)) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [width, height] = [view.getUint32(16), view.getUint32(20)]
  const colourType = bytes[25]
  const bitsPerPixel = bytes[24]! * (samplesOf.get(colourType ?? 0) ?? 4)
  return {
    ...{ kind: 'png', width, height },
    isGrey: colourType === 0 || colourType === 4,
    png: { width, height, bitsPerPixel, isInterlaced: bytes[28] !== 0 }
  }
}

/** null where the frame begins behind these bytes. Throws UserError where they are no JPEG. */
function parseJpeg(path: string, bytes: Uint8Array): ImageHeader | null {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw new UserError(`${path} is neither a PNG nor a JPEG image.`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 2; at + 10 <= bytes.length;) {
    if (bytes[at] !== 0xff) throw new UserError(`${path} is damaged: there is no JPEG marker at byte ${at}.`)
    const marker = bytes[at + 1]!
    if (marker === 0xff) at++
    else if (isFrame(marker)) {
      const components = bytes[at + 9]!
      if (components === 4) throw new UserError(`${path} is a CMYK image, for printing; save it as RGB.`)
      if (components !== 1 && components !== 3)
        throw new UserError(`${path} is a JPEG of ${components} colour components; 1 and 3 are read.`)
      const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)]
      return { kind: 'jpeg', height, width, isGrey: components === 1, png: null }
    } else at += 2 + view.getUint16(at + 2)
  }
  return null
}
