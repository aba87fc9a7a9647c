import type { TensorDifferenceRow, TensorStatisticsRow } from '../../src-shared/contract.ts'
import type { LabContract, LabResult } from '../../src-shared/lab-contract.ts'
import type { LibraryItem } from '../../src-shared/library.ts'
import type { Inspection } from './parts.ts'
import { ToldRows } from './told-rows.svelte.ts'

type Engine = Pick<LabContract, 'inspect' | 'tensorStatistics' | 'diffCheckpoints'>
type Wanted = Pick<LibraryItem, 'path' | 'hash'>

/** A checkpoint's place and content: what was read of another content is old. */
const keyOf = ({ path, hash }: Wanted): string => `${path}\n${hash}`

/** What the view knows of one checkpoint, or of two. */
export class Inspected {
  /** The checkpoint's header; null until it is read. */
  inspection = $state.raw<Inspection | null>(null)
  /** One sentence where it could not be read. */
  problem = $state('')
  readonly statistics = new ToldRows<TensorStatisticsRow, LabResult<'tensorStatistics'>>()
  readonly differences = new ToldRows<TensorDifferenceRow, LabResult<'diffCheckpoints'>>()
  private key = ''

  constructor(private readonly engine: Engine) {}

  /** Looks at a checkpoint; with `other` at what tells the two apart, else at its values. */
  want(item: Wanted | null, other: Wanted | null | undefined): void {
    if ((item ? keyOf(item) : '') !== this.key) void this.read(item)
    const isAlone = other === undefined
    this.statistics.want(item && isAlone ? keyOf(item) : null, (options) =>
      this.engine.tensorStatistics({ path: item!.path }, options)
    )
    this.differences.want(item && other ? `${keyOf(item)}\n${keyOf(other)}` : null, (options) =>
      this.engine.diffCheckpoints({ a: item!.path, b: other!.path }, options)
    )
  }

  /** Reads all of it again. */
  readAgain(item: Wanted): void {
    void this.read(item)
    this.statistics.retry()
    this.differences.retry()
  }

  private async read(item: Wanted | null): Promise<void> {
    const key = (this.key = item ? keyOf(item) : '')
    this.inspection = null
    this.problem = ''
    if (!item) return
    try {
      const inspection = await this.engine.inspect({ path: item.path })
      if (key === this.key) this.inspection = inspection
    } catch (error) {
      if (key === this.key) this.problem = error instanceof Error ? error.message : String(error)
    }
  }

  /** Ends what runs; for a view that goes. */
  stop(): void {
    this.statistics.stop()
    this.differences.stop()
  }
}
