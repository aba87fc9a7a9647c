/** Numbers typed with commas or spaces between; `problem` says which word is none that may be given. */
export function readList(
  text: string,
  least: { above: number } | { from: number }
): { numbers: number[]; problem: string } {
  const words = text.split(/[\s,;]+/).filter(Boolean)
  const fits = (value: number) =>
    Number.isFinite(value) && ('above' in least ? value > least.above : value >= least.from)
  const odd = words.find((word) => !fits(Number(word)))
  const bound = 'above' in least ? `more than ${least.above}` : `at least ${least.from}`
  return odd === undefined
    ? { numbers: words.map(Number), problem: '' }
    : { numbers: [], problem: `${odd} is no number of ${bound}.` }
}

/** Numbers with commas between, no finer than six digits. */
export const formatList = (numbers: readonly number[]): string =>
  numbers.map((value) => String(Number(value.toPrecision(6)))).join(', ')
