import type { TensorDifferenceRow } from '../../../src-shared/contract.ts'

/**
 * One sentence on how two checkpoints differ, for instance `102 of 122 tensors equal; the largest relative change 0.31 in
 * layer4.1.conv2.weight.` Counters of steps are not what it names.
 */
export function summarizeDifferences(rows: readonly TensorDifferenceRow[]): string {
  const of = (state: TensorDifferenceRow['state']) => rows.filter((row) => row.state === state).length
  const counts: [number, string][] = [
    [of('onlyInA'), 'only in the first'],
    [of('onlyInB'), 'only in the second'],
    [of('shape'), 'of another shape']
  ]
  const equal = of('equal')
  const whole = equal === rows.length ? 'All' : `${equal} of`
  const parts = [
    `${whole} ${rows.length} tensor${rows.length === 1 ? '' : 's'} equal`,
    ...counts.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`)
  ]
  const changed = rows.filter(({ state, name, role }) => state === 'differs' && role !== 'counter' && !isCounter(name))
  const largest = changed.reduce<TensorDifferenceRow | null>(
    (best, row) => (best && !(row.relative > best.relative) ? best : row),
    null
  )
  const change = largest ? `; the largest relative change ${describe(largest.relative)} in ${largest.name}` : ''
  return `${parts.join(', ')}${change}.`
}

const isCounter = (name: string): boolean => name.endsWith('num_batches_tracked')
const describe = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(2))) : 'from zero'
