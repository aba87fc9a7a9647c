import type { CallOptions } from '../../../src-shared/contract.ts'
import { throwIfCancelled } from '../../../src-shared/errors.ts'
import { groupBy } from '../../../src-shared/group-by.ts'
import type { DataSelection, ProbeReport, ProbeRequest, Protocol } from '../../../src-shared/reports.ts'
import { nextSigma, sigmaAtDrop, soughtDrops } from '../../../src-shared/science/flatness.ts'
import { accuracy, crossEntropy, fitTemperature } from '../../../src-shared/science/softmax.ts'
import { band } from '../../../src-shared/science/statistics.ts'
import type { LoadedSelection } from '../data/load-selection.ts'
import { breathe, createRunner, type NetworkRunner } from '../evaluation/run-network.ts'
import { labelsOf, selectionFor, withSubject, type OpenedSubject } from '../evaluation/subject.ts'
import { progressMeter } from '../progress.ts'
import { startProvenance, type MeasuredOn, type Probe } from './probe.ts'
import { createEstimator, type StatisticsEstimator } from './batch-statistics.ts'
import { createShaker, disposePerturbed, type Shaker } from './weight-noise.ts'

type Request = ProbeRequest<'flatness'>
type Entry = ProbeReport<'flatness'>['checkpoints'][number]
type Point = Entry['exits'][number]
type Split = Point['split']
type Selections = Map<Split, LoadedSelection>
/** What one draw gives at one exit. */
type Sample = { exit: number; split: Split; accuracy: number; loss: number; calibratedLoss: number }

/** Images on which protocol C re-estimates BatchNorm statistics. */
const statisticsImages = 500
/** Sigmas that `auto` measures on average: only the progress bar depends on it. */
const usualSigmas = 14
const drops = soughtDrops.filter((drop) => drop <= 10)

/** Accuracy and loss of every exit against the strength of Gaussian noise on the weights. */
export const probeFlatness: Probe<'flatness'> = async (backend, request, options) => {
  const complete = startProvenance(backend, request.seed)
  const sigmas = request.sigmas === 'auto' ? usualSigmas : request.sigmas.length
  const perCheckpoint = sigmas * request.protocols.length
  const meter = progressMeter(options.onProgress, request.checkpoints.length * perCheckpoint)
  const checkpoints: Entry[] = []
  let measuredOn: MeasuredOn | null = null
  for (const [index, subject] of request.checkpoints.entries())
    await withSubject(backend, subject, async (opened) => {
      const selections = await openSplits(opened, request)
      const statistics = await openStatistics(opened, request, selections)
      measuredOn = { ...[...selections.values()][0]!, split: [...selections.keys()].join(' and ') }
      const exits: Point[] = []
      const { network, weights } = opened.checkpoint
      const tools: Tools = {
        shaker: createShaker(backend, network, weights, opened.state),
        runner: createRunner(backend, network, { wantsFeatures: false }),
        estimator: createEstimator(backend, network)
      }
      try {
        for (const [position, protocol] of request.protocols.entries()) {
          const onSigma = (done: number) => {
            const within = Math.min(done, sigmas * 0.98)
            meter.report(index * perCheckpoint + position * sigmas + within, `Shaking ${opened.entry.name}`)
          }
          const measure = { tools, opened, selections, statistics, request, protocol, options }
          exits.push(...(await measureProtocol(measure, onSigma)))
        }
      } finally {
        for (const tool of Object.values(tools)) tool.dispose()
      }
      checkpoints.push({ ...opened.entry, exits, drops: dropsOf(exits) })
      const soFar = {
        kind: 'flatness' as const,
        request,
        provenance: complete(measuredOn),
        checkpoints: [...checkpoints]
      }
      if (index < request.checkpoints.length - 1)
        meter.report((index + 1) * perCheckpoint, `Shaking ${opened.entry.name}`, soFar)
    })
  return { kind: 'flatness', request, provenance: complete(measuredOn), checkpoints }
}

/** What is compiled for a checkpoint. */
type Tools = { shaker: Shaker; runner: NetworkRunner; estimator: StatisticsEstimator }

type Measure = {
  tools: Tools
  opened: OpenedSubject
  selections: Selections
  statistics: LoadedSelection
  request: Request
  protocol: Protocol
  options: CallOptions
}

/** All sigmas of one protocol: the given ones, or those that bracket the drops of the deepest exit. */
async function measureProtocol(measure: Measure, onSigma: (done: number) => void): Promise<Point[]> {
  const { request, selections, opened, protocol } = measure
  const temperatures = new Map<string, number>()
  const points: Point[] = []
  const deepest = opened.checkpoint.network.exits.at(-1)!.exit
  const planned = selections.has('test') ? 'test' : [...selections.keys()][0]!
  const given = request.sigmas === 'auto' ? null : [...new Set([0, ...request.sigmas])].sort((a, b) => a - b)
  for (let done = 0; ; done++) {
    const curve = points.filter(({ exit, split }) => exit === deepest && split === planned)
    const sigma = given
      ? (given[done] ?? null)
      : nextSigma(curve.map((point) => ({ sigma: point.sigma, accuracy: point.accuracy.mean })))
    if (sigma === null) break
    const samples: Sample[] = []
    // Without noise every draw is the same.
    for (let draw = 0; draw < (sigma === 0 ? 1 : request.draws); draw++)
      samples.push(...(await measureDraw(measure, sigma, draw, temperatures)))
    points.push(...summarizeDraws(samples, sigma, protocol))
    onSigma(done + 1)
  }
  return points.sort((a, b) => a.exit - b.exit || a.split.localeCompare(b.split) || a.sigma - b.sigma)
}

async function measureDraw(
  { tools, opened, selections, statistics, request, protocol, options }: Measure,
  sigma: number,
  draw: number,
  temperatures: Map<string, number>
): Promise<Sample[]> {
  throwIfCancelled(options.signal)
  const noisy = await tools.shaker.perturb({ seed: request.seed, draw, sigma, protocol })
  let state = noisy
  try {
    if (protocol === 'c') state = await tools.estimator.reestimate(noisy, statistics)
    const samples: Sample[] = []
    for (const [split, selection] of selections) {
      const labels = labelsOf(selection)
      const run = options.signal ? { signal: options.signal } : {}
      for (const { exit, logits } of await tools.runner.run(state, selection, run)) {
        const key = `${exit} ${split}`
        if (!temperatures.has(key)) temperatures.set(key, fitTemperature(logits, labels))
        samples.push({
          exit,
          split,
          accuracy: accuracy(logits, labels),
          loss: crossEntropy(logits, labels),
          calibratedLoss: crossEntropy(logits, labels, temperatures.get(key)!)
        })
      }
    }
    await breathe()
    return samples
  } finally {
    disposePerturbed(state, opened.state)
  }
}

function summarizeDraws(samples: Sample[], sigma: number, protocol: Protocol): Point[] {
  const groups = groupBy(samples, ({ exit, split }) => `${exit} ${split}`)
  return [...groups.values()].map((draws) => {
    const of = (key: 'accuracy' | 'loss' | 'calibratedLoss') => band(draws.map((sample) => sample[key]))
    const { exit, split } = draws[0]!
    return {
      exit,
      split,
      protocol,
      sigma,
      accuracy: of('accuracy'),
      loss: of('loss'),
      calibratedLoss: of('calibratedLoss')
    }
  })
}

function dropsOf(points: Point[]): Entry['drops'] {
  const curves = groupBy(points, ({ exit, split, protocol }) => `${exit} ${split} ${protocol}`)
  return [...curves.values()].flatMap((curve) => {
    const { exit, split, protocol } = curve[0]!
    const sigmas = curve.map(({ sigma }) => sigma)
    const accuracies = curve.map((point) => point.accuracy.mean)
    return drops.map((drop) => ({ exit, split, protocol, drop, sigma: sigmaAtDrop(sigmas, accuracies, drop) }))
  })
}

/** The splits that a request names; raw arrays are one split, `given`. */
async function openSplits({ checkpoint }: OpenedSubject, { data, split, seed }: Request): Promise<Selections> {
  // With its own seed a smaller limit's images are among those that the run was trained on.
  const seedOf = (name: Split) => (name === 'train' ? (checkpoint.origin?.seed ?? seed) : seed)
  const open = (selection: DataSelection, name: Split) => selectionFor(checkpoint, selection, seedOf(name))
  if (data.kind === 'arrays') return new Map([['given', await open(data, 'given')]])
  const names = split === 'both' ? (['test', 'train'] as const) : [split === 'given' ? data.split : split]
  const selections: Selections = new Map()
  for (const name of names) selections.set(name, await open({ ...data, split: name }, name))
  return selections
}

/** Fixed train images for protocol C, without augmentation; of raw arrays, the images themselves. */
async function openStatistics(
  { checkpoint }: OpenedSubject,
  { data, seed }: Request,
  selections: Selections
): Promise<LoadedSelection> {
  if (data.kind === 'arrays') return selections.get('given')!
  return selectionFor(
    checkpoint,
    { ...data, split: 'train', limit: statisticsImages, orFewer: true },
    checkpoint.origin?.seed ?? seed
  )
}
