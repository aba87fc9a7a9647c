/** Most sizes of noise in a list. */
const mostSigmas = 100

/** Sizes of noise that a text lists, ascending, each once; or one sentence on what is wrong with it. */
export function parseSigmas(text: string): { sigmas: number[] } | { problem: string } {
  const words = text.split(/[\s,;]+/).filter(Boolean)
  if (words.length === 0) return { problem: 'Give some sizes, for instance 0, 0.01, 0.02.' }
  if (words.length > mostSigmas) return { problem: `Give up to ${mostSigmas} sizes, not ${words.length}.` }
  for (const word of words)
    if (!/^\d*\.?\d+(e[+-]?\d+)?$/i.test(word) || !Number.isFinite(Number(word)))
      return { problem: `${JSON.stringify(word.slice(0, 20))} is no number of at least 0.` }
  return { sigmas: [...new Set(words.map(Number))].sort((a, b) => a - b) }
}
