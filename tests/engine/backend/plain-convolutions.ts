/** NHWC values, row after row; of a filter [k,k,in of a group,out]. */
export type Image = { shape: number[]; data: Float32Array }

type Window = { stride: number; padding: number }

/** A convolution by its definition, as PyTorch's Conv2d with groups; the filter is [k,k,Cin/groups,Cout]. */
export function convolve(x: Image, w: Image, { stride, padding, groups }: Window & { groups: number }): Image {
  const [count, size, , channels] = x.shape as [number, number, number, number]
  const [kernel, , each, out] = w.shape as [number, number, number, number]
  const side = Math.floor((size + 2 * padding - kernel) / stride) + 1
  const y = { shape: [count, side, side, out], data: new Float32Array(count * side * side * out) }
  forEach([count, side, side, out, kernel, kernel, each], ([n, row, column, to, u, v, from]) => {
    const [r, c] = [row * stride + u - padding, column * stride + v - padding]
    if (r < 0 || c < 0 || r >= size || c >= size) return
    const channel = Math.floor(to / (out / groups)) * (channels / groups) + from
    y.data[((n * side + row) * side + column) * out + to]! +=
      x.data[((n * size + r) * size + c) * channels + channel]! * w.data[((u * kernel + v) * each + from) * out + to]!
  })
  return y
}

/** PyTorch's ConvTranspose2d by its definition: every pixel adds its filter to what it reaches; the filter is [k,k,Cout,Cin]. */
export function convolveBack(x: Image, w: Image, { stride, padding }: Window): Image {
  const [count, size, , channels] = x.shape as [number, number, number, number]
  const [kernel, , out] = w.shape as [number, number, number, number]
  const side = (size - 1) * stride - 2 * padding + kernel
  const y = { shape: [count, side, side, out], data: new Float32Array(count * side * side * out) }
  forEach([count, size, size, channels, kernel, kernel, out], ([n, row, column, from, u, v, to]) => {
    const [r, c] = [row * stride + u - padding, column * stride + v - padding]
    if (r < 0 || c < 0 || r >= side || c >= side) return
    y.data[((n * side + r) * side + c) * out + to]! +=
      x.data[((n * size + row) * size + column) * channels + from]! *
      w.data[((u * kernel + v) * out + to) * channels + from]!
  })
  return y
}

type Seven = [number, number, number, number, number, number, number]

/** Visits every index of seven axes. */
function forEach(lengths: Seven, visit: (index: Seven) => void): void {
  const total = lengths.reduce((a, b) => a * b, 1)
  for (let flat = 0; flat < total; flat++) {
    let rest = flat
    const index = [...lengths]
      .reverse()
      .map((length) => {
        const at = rest % length
        rest = Math.floor(rest / length)
        return at
      })
      .reverse() as Seven
    visit(index)
  }
}
