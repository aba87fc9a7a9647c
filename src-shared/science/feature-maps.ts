import { zeros, type Matrix } from './matrix.ts'

/** Feature maps of N images, N x (height width channels), channels fastest: a tensor [N,H,W,C] as it lies in memory. */
export type FeatureMaps = Matrix & { height: number; width: number; channels: number }

/** Maps of values [N,H,W,C]; throws RangeError where their count is not N H W C. */
export function featureMaps(data: Matrix['data'], [rows, height, width, channels]: readonly number[]): FeatureMaps {
  const columns = height! * width! * channels!
  if (data.length !== rows! * columns) {
    throw new RangeError(`${data.length} values where ${rows} x ${height} x ${width} x ${channels} are needed.`)
  }
  return { data, rows: rows!, columns, height: height!, width: width!, channels: channels! }
}

/** First and end (excluded) of the `index`th of `windows` windows that cover `size` pixels: floor(i size/windows), ceil((i+1) size/windows). */
export function adaptiveWindow(index: number, windows: number, size: number): [first: number, end: number] {
  return [Math.floor((index * size) / windows), Math.ceil(((index + 1) * size) / windows)]
}

/** Maps averaged down to height x width, PyTorch's `adaptive_avg_pool2d`: the mean over the window of every pixel. */
export function averagePool(maps: FeatureMaps, height: number, width: number): FeatureMaps {
  const { channels } = maps
  const out = zeros(maps.rows, height * width * channels)
  for (let row = 0; row < maps.rows; row++) {
    for (let y = 0; y < height; y++) {
      const [top, bottom] = adaptiveWindow(y, height, maps.height)
      for (let x = 0; x < width; x++) {
        const [left, right] = adaptiveWindow(x, width, maps.width)
        const at = row * out.columns + (y * width + x) * channels
        const share = 1 / ((bottom - top) * (right - left))
        for (let v = top; v < bottom; v++) {
          for (let u = left; u < right; u++) {
            const from = row * maps.columns + (v * maps.width + u) * channels
            for (let c = 0; c < channels; c++) out.data[at + c]! += share * maps.data[from + c]!
          }
        }
      }
    }
  }
  return { ...out, height, width, channels }
}
