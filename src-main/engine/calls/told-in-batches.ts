import type { Progress } from '../../../src-shared/reports.ts'

/** Rows that are told some at a time: often enough to be seen coming, seldom enough to cost nothing. */
export type Batches<T> = { add(row: T): void; flush(): void }

/** At most so many rows are told at once. */
const mostRows = 400
const betweenMs = 100

/** Gathers rows for `tell`; `flush` tells the last of them. */
export function createBatches<T>(tell: ((rows: T[]) => void) | undefined): Batches<T> {
  let rows: T[] = []
  let toldAt = performance.now()
  const flush = () => {
    toldAt = performance.now()
    if (rows.length > 0) tell?.(rows)
    rows = []
  }
  return {
    flush,
    add(row) {
      if (!tell) return
      rows.push(row)
      if (rows.length >= mostRows || performance.now() - toldAt > betweenMs) flush()
    }
  }
}

type Told<T> = { fraction: number; tensors: T[] }

/** Options of a call whose rows and progress go to a window as they come. */
export function tellingRows<T>(tell: (told: Told<T>) => void) {
  let fraction = 0
  let toldAt = performance.now()
  return {
    onTensors: (tensors: T[]) => tell({ fraction, tensors }),
    onProgress: (progress: Pick<Progress, 'fraction'>) => {
      fraction = progress.fraction
      if (performance.now() - toldAt < betweenMs) return
      toldAt = performance.now()
      tell({ fraction, tensors: [] })
    }
  }
}
