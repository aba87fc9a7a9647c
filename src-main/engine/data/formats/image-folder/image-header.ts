import { UserError } from '../../../../../src-shared/errors.ts'
import { fileSize, readHead } from '../read-file.ts'

/** What the first bytes of a PNG or JPEG file say. */
export type ImageHeader = {
  kind: 'png' | 'jpeg'
  width: number
  height: number
  /** True where the file says that it has no colours; a colour image that happens to be grey has them. */
  isGrey: boolean
  /** Of a PNG that is stored in seven passes: the most bytes that it may unpack to; null for all others. */
  interlacedBytes: number | null
}

/** Of a picture; a photograph of a camera has fewer. */
const mostPixels = 64_000_000
const mostFileBytes = 2 ** 28
/** Behind that much of metadata nobody looks for the size. */
const mostHeadBytes = 2 ** 20
/** More pixels a byte than PNG's deflate (1032 to 1, 8 one-bit pixels a byte) and JPEG's blocks can give. */
const mostPixelsPerByte = { png: 8300, jpeg: 2048 }

/**
 * Reads size and colours of an image from its header. Throws UserError where it is neither PNG nor JPEG (whatever its
 * name says), or claims a size that is beyond 64 megapixels or beyond what its bytes can hold.
 */
export async function readImageHeader(path: string): Promise<ImageHeader> {
  const bytes = await fileSize(path)
  if (bytes > mostFileBytes) throw new UserError(`${path} holds ${bytes} bytes; images of at most 256 MiB are read.`)
  const start = await readHead(path, 4096)
  const header = parsePng(start) ?? parseJpeg(path, start) ?? parseJpeg(path, await readHead(path, mostHeadBytes))
  if (!header) throw new UserError(`${path} is damaged: its header does not say how large it is.`)
  const { kind, width, height } = header
  const size = `${width} x ${height} pixels`
  if (width === 0 || height === 0) throw new UserError(`${path} claims ${size}.`)
  if (width * height > mostPixels) throw new UserError(`${path} claims ${size}; at most 64 megapixels are read.`)
  if (width * height > bytes * mostPixelsPerByte[kind])
    throw new UserError(`${path} claims ${size}, which its ${bytes} bytes can't hold.`)
  return header
}

const pngMagic = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

function parsePng(bytes: Uint8Array): ImageHeader | null {
  if (bytes.length < 29 || pngMagic.some((byte, index) => bytes[index] !== byte)) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [width, height] = [view.getUint32(16), view.getUint32(20)]
  const colourType = bytes[25]
  const isInterlaced = bytes[28] !== 0
  return {
    ...{ kind: 'png', width, height },
    isGrey: colourType === 0 || colourType === 4,
    // Four channels of two bytes, and each pass's rows with a byte in front and one that is not full.
    interlacedBytes: isInterlaced ? 8 * width * height + 16 * height + 1024 : null
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
    else if (isFrame(marker))
      return {
        kind: 'jpeg',
        height: view.getUint16(at + 5),
        width: view.getUint16(at + 7),
        isGrey: bytes[at + 9] === 1,
        interlacedBytes: null
      }
    else at += 2 + view.getUint16(at + 2)
  }
  return null
}

/** SOF0 to SOF15, without the tables that lie among them. */
const isFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
