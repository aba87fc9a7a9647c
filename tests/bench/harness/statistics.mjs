/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 ? sorted[Math.floor(middle)] : (sorted[middle - 1] + sorted[middle]) / 2
}

/**
 * Ours against a peer's, one number a round each: both medians, the medians' ratio, and the smallest and the largest
 * ratio of a round.
 */
export function pairOf(ours, theirs) {
  const ratios = ours.map((value, round) => value / theirs[round])
  const [a, b] = [median(ours), median(theirs)]
  return { ours: a, theirs: b, ratio: a / b, low: Math.min(...ratios), high: Math.max(...ratios) }
}

/** The first position where two sides' check numbers differ by more than `tolerance` of ours; -1 where none does. */
export function disagreement(ours, theirs, tolerance) {
  if (ours.length !== theirs.length) return Math.min(ours.length, theirs.length)
  return ours.findIndex(
    (value, index) => !(Math.abs(value - theirs[index]) <= tolerance * Math.max(1, Math.abs(value)))
  )
}

/**
 * A work's rows, one a peer. `rounds` has per side its rounds ({ms: [...], peakBytes}, the latter where it is known);
 * what is wanted of several sides is wanted of the best of them, and stands in its row.
 */
export function rowsOf(work, rounds) {
  const mine = rounds.get('ours')
  const values = {
    time: (of) => of.map(({ ms }) => median(ms)),
    memory: (of) => of.map(({ peakBytes }) => peakBytes)
  }
  const best = ({ of, quantity }) => {
    const present = of.filter((name) => rounds.has(name))
    const medians = present.map((name) => median(values[quantity](rounds.get(name))))
    return present[medians.indexOf(Math.min(...medians))]
  }
  return work.sides
    .filter(({ name }) => name !== 'ours' && rounds.has(name))
    .map(({ name, label }) => {
      const theirs = rounds.get(name)
      const pair = (quantity) => pairOf(values[quantity](mine), values[quantity](theirs))
      const wanted = (quantity) =>
        work.wanted.find((one) => one.quantity === quantity && best(one) === name)?.atMost ?? null
      const first = theirs.map(({ firstMs }) => firstMs).filter((ms) => ms !== undefined)
      return {
        label,
        time: pair('time'),
        memory: [...mine, ...theirs].every(({ peakBytes }) => peakBytes) ? pair('memory') : null,
        wantedTime: wanted('time'),
        wantedMemory: wanted('memory'),
        firstMs: first.length ? first[0] : null
      }
    })
}
