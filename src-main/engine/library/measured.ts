import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { describeImages, type StoredEvaluation } from './evaluations.ts'

/** Accuracies (0..1) of a checkpoint's exits and of their ensemble, and what they were measured on. */
export type Measured = { accuracies: Map<number, number>; ensemble: number | null; evaluatedOn: string }

/** Images of a data set's split; 0 where unknown. */
export type CountOf = (dataset: string, split: 'train' | 'test') => Promise<number>

const sampleRecord = z.object({
  result: z.object({
    exits: z.array(z.object({ exit: z.number(), accuracy: z.number() })),
    ensemble: z.object({ accuracy: z.number() })
  }),
  data: z.object({ name: z.string() })
})

/** What the record beside a sample's weights says; null where it is missing or damaged. */
export async function measuredOfSample(weights: string, countOf: CountOf): Promise<Measured | null> {
  try {
    const text = await readFile(weights.replace(/\.safetensors$/, '.json'), 'utf8')
    const { result, data } = sampleRecord.parse(JSON.parse(text))
    return {
      accuracies: new Map(result.exits.map(({ exit, accuracy }) => [exit, accuracy])),
      ensemble: result.ensemble.accuracy,
      evaluatedOn: describeImages(`${data.name} test`, await countOf(data.name, 'test'))
    }
  } catch {
    return null
  }
}

/** What the logits in a file of outputs give. */
export const measuredAsGiven = (
  exits: readonly { exit: number }[],
  { accuracies, ensemble, evaluatedOn }: { accuracies: readonly number[]; ensemble: number; evaluatedOn: string }
): Measured => ({
  accuracies: new Map(exits.map(({ exit }, index) => [exit, accuracies[index] ?? 0])),
  ensemble,
  evaluatedOn
})

/** What an `evaluate` job measured. */
export const measuredByEvaluation = (evaluation: StoredEvaluation | undefined): Measured | null =>
  evaluation
    ? {
        accuracies: new Map(evaluation.exits.map(({ exit, accuracy }) => [exit, accuracy])),
        ensemble: evaluation.ensemble.accuracy,
        evaluatedOn: evaluation.evaluatedOn
      }
    : null
