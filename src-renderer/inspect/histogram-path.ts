/** A histogram in a row of the list as one path, `width` by `height` pixels; empty where there is nothing to draw. */
export function histogramPath(counts: ArrayLike<number>, width: number, height: number): string {
  let most = 0
  for (let i = 0; i < counts.length; i++) most = Math.max(most, counts[i]!)
  if (most === 0) return ''
  const step = width / counts.length
  let path = ''
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] === 0) continue
    // What is there at all is seen.
    const tall = Math.max(1, (height * counts[i]!) / most)
    path += `M${round(i * step)},${height}v${round(-tall)}h${round(step)}V${height}z`
  }
  return path
}

const round = (value: number): number => Math.round(value * 100) / 100
