/** Where a slider's thumb stands at a frame, per cent of the track's inner width. */
export const placeOf = (index: number, count: number): number => (count > 1 ? (100 * index) / (count - 1) : 0)

/**
 * Values along the slider as an SVG path in a box of 100 x 100, the least at its foot; gaps where a value is NaN, and
 * nothing where fewer than two are known.
 */
export function sparkline(values: readonly number[]): string {
  const known = values.filter(Number.isFinite)
  if (known.length < 2) return ''
  const [low, high] = [Math.min(...known), Math.max(...known)]
  let isDown = false
  return values
    .map((value, i) => {
      if (!Number.isFinite(value)) return (isDown = false) || ''
      const y = high > low ? 100 - (100 * (value - low)) / (high - low) : 50
      const step = `${isDown ? 'L' : 'M'}${round(placeOf(i, values.length))},${round(y)}`
      isDown = true
      return step
    })
    .join('')
}

const round = (value: number): number => Math.round(value * 100) / 100
