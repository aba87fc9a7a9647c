/** One image as it is stored: height x width x channels bytes, row by row. Operations read it and never write to it. */
export type ByteImage = { pixels: Uint8Array; shape: readonly [height: number, width: number, channels: number] }
