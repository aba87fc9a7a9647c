/** 1 / (1 + a d^(2 b)): how alike two points of the map are at distance d. */
export type Curve = { a: number; b: number }

const samples = 300
const iterations = 100

/**
 * The curve that is nearest, by least squares at 300 distances up to 3, to 1 below `minDist` and exp(minDist - d) above
 * (McInnes et al. 2018, section 3.2 and definition 11; a spread of 1), by Levenberg and Marquardt's method.
 */
export function fitCurve(minDist: number): Curve {
  const xs = Array.from({ length: samples }, (_, i) => (3 * i) / (samples - 1))
  const wanted = xs.map((x) => (x < minDist ? 1 : Math.exp(minDist - x)))
  const errorOf = ({ a, b }: Curve) => xs.reduce((sum, x, i) => sum + (1 / (1 + a * x ** (2 * b)) - wanted[i]!) ** 2, 0)
  let curve: Curve = { a: 1, b: 1 }
  let error = errorOf(curve)
  let damping = 1e-3
  for (let iteration = 0; iteration < iterations; iteration++) {
    let [aa, ab, bb, ar, br] = [0, 0, 0, 0, 0]
    xs.forEach((x, i) => {
      if (x === 0) return
      const power = x ** (2 * curve.b)
      const value = 1 / (1 + curve.a * power)
      const byA = -power * value * value
      const byB = 2 * curve.a * Math.log(x) * byA
      const rest = wanted[i]! - value
      aa += byA * byA
      ab += byA * byB
      bb += byB * byB
      ar += byA * rest
      br += byB * rest
    })
    const [da, db] = [aa * (1 + damping), bb * (1 + damping)]
    const determinant = da * db - ab * ab
    const next = { a: curve.a + (ar * db - br * ab) / determinant, b: curve.b + (br * da - ar * ab) / determinant }
    const nextError = errorOf(next)
    if (nextError < error) {
      curve = next
      error = nextError
      damping /= 10
    } else damping *= 10
  }
  return curve
}
