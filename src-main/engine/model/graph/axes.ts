import { GraphProblem } from './problem.ts'

/** An axis counted from 0. Throws GraphProblem where there is no such axis, or where it is the images'. */
export function axisOf(axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis
  if (!Number.isInteger(at) || at < 0 || at >= rank) throw new GraphProblem(`has no axis ${axis}: it gets ${rank} axes`)
  if (at === 0) throw new GraphProblem('works across images, which are the first axis')
  return at
}

/** The same of several, which must differ. */
export function axesOf(axes: readonly number[], rank: number): number[] {
  const found = axes.map((axis) => axisOf(axis, rank))
  if (new Set(found).size !== found.length) throw new GraphProblem(`names an axis twice: [${axes.join(', ')}]`)
  return found
}

/** Which positions from..to-1 in steps a slice takes of an axis of `length`: its first one, and how many. */
export function rangeOf(
  length: number,
  { start, end, step }: { start: number; end: number; step: number }
): { first: number; count: number } {
  if (!(step >= 1)) throw new GraphProblem(`goes in steps of ${step}; steps of 1 and more are known here`)
  const clip = (at: number) => Math.min(length, Math.max(0, at < 0 ? at + length : at))
  const first = clip(start)
  return { first, count: Math.max(0, Math.ceil((clip(end) - first) / step)) }
}
