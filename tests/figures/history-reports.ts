// Histories with what newer runs record: made-up, seeded numbers like those of fixture-reports.ts.
import type { LossTermName, ProbeReport } from '../../src-shared/reports.ts'
import { makeHistory, makeRandom, type FixtureSubject } from './fixture-reports.ts'

type Report = ProbeReport<'history'>
type Entry = Report['checkpoints'][number]
type Weighted = Partial<Record<LossTermName, number>>

/** The report with costs on every epoch; each run has a speed of its own, and `before` what its teacher took. */
export function addCosts(report: Report, before: (index: number) => number = () => 0): Report {
  const checkpoints = report.checkpoints.map((entry, index): Entry => {
    const random = makeRandom(700 + index)
    const [seconds, multiplyAdds] = [40 * (1 + 0.3 * index), 2.5e12 * (1 + index)]
    let passed = before(index) * seconds
    const epochs = entry.epochs.map((record) => {
      passed += seconds * (0.9 + 0.2 * random())
      return {
        ...record,
        trainSeconds: passed,
        trainMultiplyAdds: (before(index) + record.epoch) * multiplyAdds,
        imagesPerSecond: 4000 / (1 + 0.3 * index)
      }
    })
    return { ...entry, epochs }
  })
  return { ...report, checkpoints }
}

/** The entry with weighted terms on every record: `weigh` gets how much of the run lies behind, 0..1. */
function addWeighted(entry: Entry, weigh: (progress: number, epoch: number) => Weighted): Entry {
  const { epochs, steps } = entry
  return {
    ...entry,
    steps: steps.map((record) => ({ ...record, weighted: weigh(record.step / steps.length, record.epoch) })),
    epochs: epochs.map((record) => ({ ...record, weighted: weigh(record.epoch / epochs.length, record.epoch) }))
  }
}

/** Only the deepest exit, as methods other than deep supervision and self-distillation have it. */
function keepDeepest(entry: Entry, exit: number): Entry {
  const one = (values: number[]) => values.slice(-1)
  const narrow = <R extends Entry['steps'][number] | Entry['epochs'][number]>(record: R): R => ({
    ...record,
    crossEntropy: one(record.crossEntropy),
    kl: [],
    hint: [],
    trainAccuracy: one(record.trainAccuracy)
  })
  return {
    ...entry,
    exits: [exit],
    steps: entry.steps.map(narrow),
    epochs: entry.epochs.map((record) => {
      const [accuracy, loss] = [one(record.test.accuracy), one(record.test.loss)]
      const test = { accuracy, loss, ensembleAccuracy: accuracy[0] ?? NaN, ensembleLoss: loss[0] ?? NaN }
      return { ...narrow(record), test }
    })
  }
}

const left = (progress: number): number => Math.exp(-3 * progress)

/** Weighted terms of each method, made up. */
const weighers: Record<string, (progress: number, epoch: number) => Weighted> = {
  baseline: (p) => ({ crossEntropy: 0.3 + 1.9 * left(p) }),
  kd: (p) => ({ crossEntropy: 0.1 + 0.4 * left(p), kl: 0.4 + 1.5 * left(p) }),
  fitnets: (p) => ({ crossEntropy: 0.3 + 1.9 * left(p), hint: 0.1 + 6 * left(p) }),
  'attention-transfer': (p) => ({ crossEntropy: 0.3 + 1.9 * left(p), attention: 0.2 + 0.3 * left(p) }),
  'mutual-learning': (p) => ({ crossEntropy: 0.3 + 1.9 * left(p), mutual: 0.1 + 0.8 * left(p) })
}

/** One run of each of these methods, with one exit each. */
export function makeMethods(methods: readonly string[] = Object.keys(weighers), epochs = 20): Report {
  const subjects: FixtureSubject[] = methods.map((name) => ({ name, role: name }))
  const report: Report = makeHistory({ subjects, epochs })
  const checkpoints = report.checkpoints.map((entry, i) => {
    const method = methods[i] ?? 'baseline'
    return addWeighted(
      { ...keepDeepest(entry, 4), method: method as Entry['method'] },
      weighers[method] ?? (() => ({}))
    )
  })
  return { ...report, checkpoints }
}

/** A run of three networks, each taught by the one before. */
export function makeRounds(epochsPerRound = 10, rounds = 3, name = 'three rounds'): Report {
  const report: Report = makeHistory({ subjects: [{ name }], epochs: epochsPerRound })
  const checkpoints = report.checkpoints.map((entry) => {
    const one = keepDeepest(entry, 4)
    const method = 'self-distillation-rounds' as const
    const again = Array.from({ length: rounds }, (_, round) => ({
      steps: one.steps.map((record) => ({
        ...record,
        step: record.step + round * one.steps.length,
        epoch: round * epochsPerRound + Math.ceil((record.step / one.steps.length) * epochsPerRound)
      })),
      epochs: one.epochs.map((record) => ({ ...record, epoch: record.epoch + round * epochsPerRound }))
    }))
    const [steps, epochs] = [again.flatMap((part) => part.steps), again.flatMap((part) => part.epochs)]
    return addWeighted({ ...one, method, epochsPerRound, steps, epochs }, (progress, epoch) =>
      epoch <= epochsPerRound ? { crossEntropy: 0.2 + left(progress) } : { outputs: 0.2 + left(progress) }
    )
  })
  return { ...report, checkpoints }
}
