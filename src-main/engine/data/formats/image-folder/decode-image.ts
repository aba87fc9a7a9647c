import { decode } from 'jpeg-js'
import { PNG } from 'pngjs'
import { UserError } from '../../../../../src-shared/errors.ts'
import { readWhole } from '../read-file.ts'
import { mostImageBytes, readImageHeader } from './image-header.ts'
import { readJpegLayout } from './jpeg-layout.ts'
import { requirePlainPng, type PngLayout } from './png-chunks.ts'
import { resizeAndCrop, type Raster } from './resize.ts'

/** 24 megapixels, with what the decoder needs beside them. */
const mostJpegMegabytes = 768
const mostJpegMegapixels = 24
/** Of those above, one is decoded at a time. */
const largePixels = 8_000_000

/** Does the work when nobody else is at such a work. */
export type OneAtATime = <R>(work: () => R) => R

/**
 * An image file as size x size x channels bytes: decoded, laid over white where it is transparent, resized and cropped
 * (`resizeAndCrop`). Of grey images each channel is the same. Those of more than 8 megapixels are decoded by `oneAtATime`.
 * Throws UserError where the file is damaged.
 */
export async function decodeImage(
  path: string,
  size: number,
  channels: 1 | 3,
  oneAtATime: OneAtATime = (work) => work()
): Promise<Uint8Array> {
  const { width, height, png } = await readImageHeader(path)
  const whole = await readWhole(path, mostImageBytes)
  const bytes = Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength)
  const work = () => {
    const raster = png ? decodePng(path, bytes, channels, png) : decodeJpeg(path, bytes, channels)
    if (raster.width !== width || raster.height !== height) throw damaged(path, 'it claims two sizes')
    return resizeAndCrop(raster, size)
  }
  return width * height > largePixels ? oneAtATime(work) : work()
}

const damaged = (path: string, why: string, cause?: unknown) => new UserError(`${path} is damaged: ${why}.`, { cause })

function decodePng(path: string, bytes: Buffer, channels: 1 | 3, layout: PngLayout): Raster {
  requirePlainPng(path, bytes, layout)
  try {
    const { width, height, data } = PNG.sync.read(bytes)
    return overWhite({ width, height, channels: 4, data }, channels)
  } catch (error) {
    throw damaged(path, 'it is cut off, or its pixels make no sense', error)
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
  const { isRgb, scanAt } = readJpegLayout(path, bytes)
  // The decoder takes what is missing for black. A small picture within the first segments has an end of its own.
  if (bytes.indexOf(endOfImage, scanAt) < 0) throw damaged(path, 'it ends inside the image')
  try {
    const { width, height, data } = decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      ...(isRgb ? { colorTransform: false } : {}),
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
