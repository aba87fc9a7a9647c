import { UserError } from '../../../../../src-shared/errors.ts'

/** What a JPEG's segments say, up to its pixels. */
export type JpegLayout = {
  /** True where its components are red, green and blue, not brightness and two of colour. */
  isRgb: boolean
  /** Where its first scan begins, bytes. */
  scanAt: number
}

/** SOF0 to SOF15, without the tables that lie among them. */
export const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc

/** Reads a JPEG's segments, and tells its colours as libjpeg does. Throws UserError where they are damaged. */
export function readJpegLayout(path: string, bytes: Buffer): JpegLayout {
  let isJfif = false
  let adobeTransform: number | null = null
  let ids = ''
  for (let at = 2; at + 4 <= bytes.length;) {
    if (bytes[at] !== 0xff) throw new UserError(`${path} is damaged: there is no JPEG marker at byte ${at}.`)
    const marker = bytes[at + 1]!
    if (marker === 0xff) {
      at++
      continue
    }
    const segment = bytes.subarray(at + 4, at + 2 + bytes.readUInt16BE(at + 2))
    const startsWith = (text: string) => segment.toString('latin1', 0, text.length) === text
    if (marker === 0xda)
      return { isRgb: isJfif ? false : adobeTransform === null ? ids === 'RGB' : adobeTransform === 0, scanAt: at }
    if (marker === 0xe0 && startsWith('JFIF\0')) isJfif = true
    if (marker === 0xee && startsWith('Adobe') && segment.length >= 12) adobeTransform = segment[11]!
    if (isFrame(marker)) ids = String.fromCharCode(...[6, 9, 12].map((place) => segment[place] ?? 0))
    at += 2 + bytes.readUInt16BE(at + 2)
  }
  throw new UserError(`${path} is damaged: it ends before the image.`)
}
