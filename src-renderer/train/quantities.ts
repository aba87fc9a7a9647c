const units = [
  [1e9, ' G'],
  [1e6, ' M'],
  [1e3, ' k']
] as const

/** A count to three digits for a drawing: `148 k`, `9.44 M`, `1.3 G`. */
export function formatShort(count: number): string {
  // A count that would be rounded to 1,000 of a unit is one of the next.
  const [unit, sign] = units.find(([unit]) => count >= 0.9995 * unit) ?? [1, '']
  const value = count / unit
  return `${unit === 1 ? Math.round(value) : Number(value.toPrecision(3))}${sign}`
}

/** A size of memory, no finer than a guess: `about 420 MB`, `about 1.2 GB`. */
export function formatMemory(bytes: number): string {
  const megabytes = Math.max(10, 10 * Math.round(bytes / 1e7))
  return `about ${megabytes < 1000 ? `${megabytes} MB` : `${Number((bytes / 1e9).toFixed(bytes < 1e10 ? 1 : 0))} GB`}`
}
