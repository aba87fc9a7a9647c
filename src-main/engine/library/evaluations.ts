import { basename } from 'node:path'
import { z } from 'zod'
import type { EngineResult } from '../../../src-shared/contract.ts'
import type { DataSelection } from '../../../src-shared/reports.ts'
import { resultKey } from '../results/result-key.ts'
import type { Description } from './descriptions.ts'
import { createListStore } from './list-store.ts'

const measured = z.object({ accuracy: z.number(), loss: z.number().nullable() })

/** What was measured of a checkpoint once. */
const evaluationSchema = z.object({
  /** As `resultKey` gives it. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** For instance `fashion-mnist test, 10,000 images`. */
  evaluatedOn: z.string().max(300),
  isTest: z.boolean(),
  count: z.number().int().min(0),
  exits: z.array(measured.extend({ exit: z.number().int() })).max(1000),
  ensemble: measured,
  /** ISO 8601. */
  createdAt: z.string().max(40)
})
export type StoredEvaluation = z.infer<typeof evaluationSchema>

/** Accuracies of checkpoints that carry none themselves, from `evaluate` jobs. */
export type Evaluations = {
  /**
   * Keeps what was measured of the checkpoint at `path`; a measurement on more test images is not replaced by one on fewer.
   * Of a file of outputs nothing is kept: it was measured on its own images, and says itself what it gives.
   */
  store(path: string, data: DataSelection, result: EngineResult<'evaluate'>): Promise<void>
  /** What is kept of the checkpoint at `path`; null where nothing is. Throws UserError where it cannot be read. */
  of(path: string): Promise<StoredEvaluation | null>
  /** All, by what results are found by. */
  all(): Promise<Map<string, StoredEvaluation>>
}

const mostEvaluations = 5000

export function createEvaluations(options: {
  path: string
  warn(sentence: string): void
  describe(path: string): Promise<Pick<Description, 'hash' | 'key' | 'given'>>
  /** Images of a data set's split; 0 where unknown. */
  countOf(dataset: string, split: 'train' | 'test'): Promise<number>
}): Evaluations {
  const { path, warn, describe, countOf } = options
  const store = createListStore<StoredEvaluation>({
    path,
    warn,
    item: evaluationSchema,
    keyOf: ({ hash }) => hash,
    withinBounds: (all) => all.sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)).slice(0, mostEvaluations)
  })
  /** Images that a selection takes; 0 where unknown. */
  async function countIn(data: DataSelection): Promise<number> {
    if (data.kind === 'arrays') return data.shape[0]
    if (data.limit !== null && !data.orFewer) return data.limit
    const count = await countOf(data.name, data.split)
    return data.limit === null ? count : Math.min(data.limit, count || data.limit)
  }
  return {
    async store(path, data, { exits, ensemble, ...said }) {
      const { hash, given } = await describe(path)
      if (given) return
      const count = await countIn(data)
      const isTest = data.kind === 'dataset' && data.split === 'test'
      const name = data.kind === 'arrays' ? basename(data.imagesPath) : `${basename(data.name)} ${data.split}`
      const evaluation: StoredEvaluation = {
        // As it was while it was measured: it may have been changed since.
        hash: resultKey(hash, said),
        evaluatedOn: describeImages(name, count).slice(0, 300),
        isTest,
        count,
        exits: exits.map(({ exit, accuracy, loss }) => ({ exit, accuracy, loss: finite(loss) })),
        ensemble: { accuracy: ensemble.accuracy, loss: finite(ensemble.loss) },
        createdAt: new Date().toISOString()
      }
      await store.update((all) => {
        const before = all.get(evaluation.hash)
        if (!before || weightOf(evaluation) >= weightOf(before)) all.set(evaluation.hash, evaluation)
      })
    },
    of: async (path) => (await store.read()).get((await describe(path)).key) ?? null,
    all: () => store.read()
  }
}

/** For instance `fashion-mnist test, 10,000 images`; without the count where it is 0. */
export const describeImages = (name: string, count: number): string =>
  // Not by toLocaleString: the first time that takes longer than all the rest of the library.
  count ? `${name}, ${String(count).replace(/\B(?=(\d{3})+$)/g, ',')} images` : name

const weightOf = ({ isTest, count }: StoredEvaluation): number => (isTest ? count : 0)
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
