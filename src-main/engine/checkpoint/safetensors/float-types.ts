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
  const floats = new Float32Array(values.length)
  for (let index = 0; index < floats.length; index++) floats[index] = halves[values[index]!]!
  return floats
}

/** bfloat16 (the upper half of a float32) to float32, exactly. */
export function bfloat16ToFloat32(values: Uint16Array): Float32Array {
  const floats = new Uint32Array(values.length)
  for (let index = 0; index < floats.length; index++) floats[index] = values[index]! << 16
  return new Float32Array(floats.buffer)
}
