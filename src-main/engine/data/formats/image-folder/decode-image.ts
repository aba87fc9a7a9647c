import { readFile } from 'node:fs/promises'
import { inflateSync } from 'node:zlib'
import { decode } from 'jpeg-js'
import { PNG } from 'pngjs'
import { UserError } from '../../../../../src-shared/errors.ts'
import { explainFileError } from '../../../../file-errors.ts'
import { readImageHeader } from './image-header.ts'
import { resizeAndCrop, type Raster } from './resize.ts'

/** 64 megapixels, with what the decoder needs beside them. */
const mostJpegMegabytes = 1024
const mostJpegMegapixels = 64

/**
 * An image file as size x size x channels bytes: decoded, laid over white where it is transparent, resized and cropped
 * (`resizeAndCrop`). Of grey images each channel is the same. Throws UserError where the file is damaged.
 */
export async function decodeImage(path: string, size: number, channels: 1 | 3): Promise<Uint8Array> {
  const { kind, width, height, interlacedBytes } = await readImageHeader(path)
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (error) {
    throw explainFileError(error, path)
  }
  if (interlacedBytes !== null) requireSmall(path, bytes, interlacedBytes)
  const raster = kind === 'png' ? decodePng(path, bytes, channels) : decodeJpeg(path, bytes, channels)
  if (raster.width !== width || raster.height !== height) throw damaged(path, 'it claims two sizes')
  return resizeAndCrop(raster, size)
}

const damaged = (path: string, why: string, cause?: unknown) => new UserError(`${path} is damaged: ${why}.`, { cause })

function decodePng(path: string, bytes: Buffer, channels: 1 | 3): Raster {
  try {
    const { width, height, data } = PNG.sync.read(bytes)
    return overWhite({ width, height, channels: 4, data }, channels)
  } catch (error) {
    throw damaged(path, 'it is cut off, or its pixels make no sense', error)
  }
}

/** The decoder bounds what it unpacks, except where an image is interlaced. */
function requireSmall(path: string, bytes: Buffer, most: number): void {
  const parts: Buffer[] = []
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = bytes.readUInt32BE(at)
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(bytes.subarray(at + 8, at + 8 + length))
    at += 12 + length
  }
  try {
    inflateSync(Buffer.concat(parts), { maxOutputLength: most })
  } catch (error) {
    throw damaged(path, `its pixels can't be unpacked, or are more than its size allows`, error)
  }
}

function overWhite({ width, height, data }: Raster, channels: 1 | 3): Raster {
  const out = new Uint8Array(width * height * channels)
  for (let pixel = 0; pixel < width * height; pixel++) {
    const alpha = data[4 * pixel + 3]!
    for (let channel = 0; channel < channels; channel++)
      out[pixel * channels + channel] = Math.round((data[4 * pixel + channel]! * alpha + 255 * (255 - alpha)) / 255)
  }
  return { width, height, channels, data: out }
}

function decodeJpeg(path: string, bytes: Buffer, channels: 1 | 3): Raster {
  // The decoder takes what is missing for black.
  if (bytes.lastIndexOf(endOfImage) <= bytes.lastIndexOf(startOfScan)) throw damaged(path, 'it ends inside the image')
  try {
    const { width, height, data } = decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: mostJpegMegapixels,
      maxMemoryUsageInMB: mostJpegMegabytes
    })
    if (channels === 3) return { width, height, channels, data }
    return { width, height, channels, data: data.filter((_, index) => index % 3 === 0) }
  } catch (error) {
    throw damaged(path, 'it is cut off, or its pixels make no sense', error)
  }
}

const endOfImage = Buffer.of(0xff, 0xd9)
const startOfScan = Buffer.of(0xff, 0xda)
