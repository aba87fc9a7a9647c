const bits = new Uint32Array(1)
const float = new Float32Array(bits.buffer)

/** The value of 16 bits read as IEEE 754 half precision. */
function halfToNumber(half: number): number {
  const exponent = (half >> 10) & 0x1f
  const fraction = half & 0x3ff
  const sign = half & 0x8000 ? -1 : 1
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction ? NaN : sign * Infinity
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

let halves: Float32Array | undefined

/** Half precision (each element 16 bits) to float32, exactly. */
export function halfToFloat32(values: Uint16Array): Float32Array {
  halves ??= Float32Array.from({ length: 65536 }, (_, half) => halfToNumber(half))
  const table = halves
  return Float32Array.from(values, (half) => table[half]!)
}

/** bfloat16 (the upper half of a float32) to float32, exactly. */
export function bfloat16ToFloat32(values: Uint16Array): Float32Array {
  return Float32Array.from(values, (upper) => {
    bits[0] = upper << 16
    return float[0]!
  })
}
