// Reports with made-up, seeded numbers: shapes that real ones have, results that nobody measured.
import type { ProbeReport, Provenance } from '../../src-shared/reports.ts'

/** Uniform numbers in 0..1 from a seed (mulberry32). */
export function makeRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

export type FixtureSubject = { name: string; group?: string; role?: string; seed?: number }
export type FixtureOptions = { subjects?: FixtureSubject[]; exits?: number; dataset?: string }

export const twoSubjects: FixtureSubject[] = [
  { name: 'labels only', role: 'baseline' },
  { name: 'self-distilled', role: 'self-distillation' }
]
export const nineSubjects: FixtureSubject[] = Array.from({ length: 9 }, (_, i) => ({
  name:
    i === 4
      ? 'resnet18 width 16 self-distilled with a name that goes on and on and on, alpha 0.3, lambda 0.03'
      : `network ${i + 1}`
}))
export const seededSubjects: FixtureSubject[] = ['labels only', 'self-distilled'].flatMap((group) =>
  [0, 1, 2].map((seed) => ({ name: `${group}, seed ${seed}`, group, seed }))
)

const provenance = (dataset: string, count: number): Provenance => ({
  seed: 0,
  data: { name: dataset, hash: '0'.repeat(64), split: 'test', count },
  software: { autodidact: '0.1.0' },
  backend: 'cpu',
  device: 'made up',
  createdAt: '2026-01-01T00:00:00.000Z',
  seconds: 1
})

const selection = (name: string) => ({ kind: 'dataset', name, split: 'test', limit: 1000 }) as const
const entryOf = ({ name, group, role, seed }: FixtureSubject) => ({
  path: `runs/${name}`,
  name,
  group: group ?? name,
  role: role ?? '',
  seed: seed ?? 0,
  hash: '0'.repeat(64),
  network: 'ResNet18, width 8, 10 classes, 4 exits'
})
const pathsOf = (subjects: readonly FixtureSubject[]) => subjects.map(({ name }) => ({ path: `runs/${name}`, name }))
const each = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

export function makeEmbedding(options: FixtureOptions & { classes?: number; images?: number; dims?: 2 | 3 } = {}) {
  const { subjects = twoSubjects, exits = 4, dataset = 'fashion-mnist', classes = 10, images = 400, dims = 2 } = options
  const checkpoints = subjects.map((subject, s) => {
    const random = makeRandom(100 + s)
    const centers = each(classes).map(() => each(dims).map(() => 9 * (random() - 0.5)))
    const labels = each(images).map((i) => i % classes)
    return {
      ...entryOf(subject),
      indices: each(images),
      labels,
      exits: each(exits).map((e) => {
        const spread = 1.5 / (1 + 0.9 * e + 0.5 * s)
        const points = labels.map((label) => (centers[label] ?? []).map((c) => c + spread * normal(random)))
        const ratio = 4.2 * spread ** 2
        return {
          exit: e + 1,
          points,
          predictions: labels,
          quality: { trustworthiness: 0.9 + 0.02 * e },
          discriminativeness: { sse: 1000 * ratio, ssb: 1000, ratio }
        }
      })
    }
  })
  return {
    kind: 'embedding',
    request: {
      checkpoints: pathsOf(subjects),
      data: selection(dataset),
      seed: 0,
      method: 'umap',
      dims,
      neighbors: 15,
      minDist: 0.1
    },
    provenance: provenance(dataset, images),
    checkpoints
  } satisfies ProbeReport<'embedding'>
}

export function makeDiscriminativeness({ subjects = twoSubjects, exits = 4 }: FixtureOptions = {}) {
  const checkpoints = subjects.map((subject, s) => {
    const random = makeRandom(200 + s)
    return {
      ...entryOf(subject),
      count: 1000,
      classes: 10,
      warnings: [] as string[],
      exits: each(exits).map((e) => {
        const ratio = (3.4 / (1 + 0.7 * e)) * (1 - 0.06 * s) * (0.95 + 0.1 * random())
        return {
          exit: e + 1,
          dimensions: 64,
          deadDimensions: 0,
          sse: 1000 * ratio,
          ssb: 1000,
          ratio,
          ratioInterval: { low: ratio * 0.93, high: ratio * 1.08 },
          unbiasedSsb: 990,
          silhouette: 0.1 + 0.1 * e,
          knnAccuracy: 0.7 + 0.04 * e,
          perClass: each(10).map((c) => ({ class: c, count: 100, sse: 100 * ratio, ssb: 100 }))
        }
      })
    }
  })
  return {
    kind: 'discriminativeness',
    request: {
      checkpoints: pathsOf(subjects),
      data: selection('fashion-mnist'),
      seed: 0,
      features: 'raw',
      resamples: 200
    },
    provenance: provenance('fashion-mnist', 1000),
    checkpoints
  } satisfies ProbeReport<'discriminativeness'>
}

type Protocol = 'a' | 'b' | 'c'
type Split = 'train' | 'test' | 'given'

export function makeFlatness(options: FixtureOptions & { protocols?: Protocol[]; splits?: Split[] } = {}) {
  const { subjects = twoSubjects, exits = 4, protocols = ['b'], splits = ['test'] } = options
  const checkpoints = subjects.map((subject, s) => {
    const random = makeRandom(300 + s)
    const curves = protocols.flatMap((protocol) =>
      splits.flatMap((split) =>
        each(exits).map((e) => {
          const half = (protocol === 'a' ? 0.03 : 0.3) * (0.7 + 0.12 * e) * (1 + 0.1 * s) * (0.95 + 0.1 * random())
          const best = 0.8 + 0.02 * e + (split === 'train' ? 0.08 : 0)
          return { key: { exit: e + 1, protocol, split }, half, best }
        })
      )
    )
    return {
      ...entryOf(subject),
      exits: curves.flatMap(({ key, half, best }) =>
        [0, 0.15, 0.3, 0.45, 0.6, 0.8, 1, 1.3].map((share) => {
          const mean = 0.1 + (best - 0.1) / (1 + share ** 3)
          const width = 0.05 * share
          const loss = 0.45 * Math.exp(1.6 * share)
          return {
            ...key,
            sigma: half * share,
            accuracy: { mean, low: mean - width, high: Math.min(best, mean + 0.7 * width) },
            loss: { mean: loss, low: loss * 0.9, high: loss * (1 + 0.2 * share) },
            calibratedLoss: { mean: loss * 0.8, low: loss * 0.7, high: loss * 0.9 }
          }
        })
      ),
      drops: curves.flatMap(({ key, half, best }) =>
        [1, 5, 10, 50].map((drop) => {
          const lost = drop / 100 / (best - 0.1)
          return { ...key, drop, sigma: drop > 30 ? NaN : half * (lost / (1 - lost)) ** (1 / 3) }
        })
      )
    }
  })
  return {
    kind: 'flatness',
    request: {
      checkpoints: pathsOf(subjects),
      data: selection('fashion-mnist'),
      seed: 0,
      sigmas: 'auto',
      draws: 5,
      protocols,
      split: splits.length > 1 ? 'both' : (splits[0] ?? 'test')
    },
    provenance: provenance('fashion-mnist', 1000),
    checkpoints
  } satisfies ProbeReport<'flatness'>
}

/** Convolutions of a ResNet with the names that PyTorch gives them. */
function resnetLayers(blocks: readonly number[], convolutions: number) {
  const name = (stage: number, block: number, part: string) => `layer${stage}.${block}.${part}.weight`
  return [
    { name: 'conv1.weight', stage: 0 },
    ...blocks.flatMap((count, k) =>
      each(count).flatMap((block) => [
        ...each(convolutions).map((c) => ({ name: name(k + 1, block, `conv${c + 1}`), stage: k + 1 })),
        ...(block === 0 && (k > 0 || convolutions > 2)
          ? [{ name: name(k + 1, block, 'downsample.0'), stage: k + 1 }]
          : [])
      ])
    )
  ]
}

export function makeGradients({ subjects = twoSubjects, deep = false }: FixtureOptions & { deep?: boolean } = {}) {
  const backbone = deep ? resnetLayers([3, 4, 6, 3], 3) : resnetLayers([2, 2, 2, 2], 2)
  const heads = [1, 2, 3].flatMap((stage) =>
    each(2 * (4 - stage)).map((i) => ({
      name: `bottleneck${stage}.${Math.floor(i / 2)}.conv${(i % 2) + 1}.weight`,
      stage
    }))
  )
  const checkpoints = subjects.map((subject, s) => {
    const random = makeRandom(400 + s)
    const layer = (place: { name: string; stage: number }, part: 'backbone' | 'head') => {
      const size =
        0.06 *
        (part === 'head' ? 0.4 : 1) *
        Math.exp(-0.75 * place.stage) *
        (1 + 0.5 * s) *
        Math.exp(0.25 * normal(random))
      return {
        ...place,
        role: 'convolution' as const,
        part,
        meanAbs: size,
        relative: size / 0.004,
        timesNorm: size * 20
      }
    }
    return {
      ...entryOf(subject),
      method: (subject.group ?? subject.name) === 'labels only' ? 'baseline' : 'self-distillation',
      layers: [
        ...backbone.map((place) => layer(place, 'backbone')),
        ...heads.map((place) => layer(place, 'head')),
        {
          ...{ name: 'bn1.weight', stage: 0, role: 'normalization' as const, part: 'backbone' as const },
          ...{ meanAbs: 9, relative: 9, timesNorm: 9 }
        }
      ],
      terms: [
        { term: 'crossEntropy' as const, exit: 1, layers: [{ name: 'conv1.weight', meanAbs: 0.01, share: 0.7 }] },
        { term: 'kl' as const, exit: 1, layers: [{ name: 'conv1.weight', meanAbs: 0.005, share: 0.3 }] }
      ],
      losses: { total: 3, crossEntropy: [1, 0.9, 0.8, 0.7], kl: [0.5, 0.4, 0.3], hint: [9, 7, 5] }
    }
  })
  return {
    kind: 'gradients',
    request: { checkpoints: pathsOf(subjects), data: selection('fashion-mnist'), seed: 0, batchSize: null },
    provenance: provenance('fashion-mnist', 256),
    checkpoints
  } satisfies ProbeReport<'gradients'>
}

export function makeHistory(options: FixtureOptions & { epochs?: number } = {}) {
  const { subjects = twoSubjects, exits = 4, epochs = 30 } = options
  const checkpoints = subjects.map((subject, s) => {
    const random = makeRandom(500 + s)
    const distils = subject.group === undefined ? s % 2 === 1 : subject.group === 'self-distilled'
    const record = (progress: number) => {
      const left = Math.exp(-4 * progress)
      const noise = () => 1 + 0.03 * (random() - 0.5)
      const accuracy = each(exits).map((e) => (0.78 + 0.035 * e - 0.5 * left + 0.01 * s) * noise())
      return {
        learningRate: 0.025 * (1 + Math.cos(Math.PI * progress)),
        total: (distils ? 3.2 : 1.2) * (0.25 + left) * noise(),
        crossEntropy: each(exits).map((e) => (0.35 + left * 1.8) * (1.3 - 0.1 * e) * noise()),
        kl: distils ? each(exits - 1).map(() => (0.3 + 0.9 * left) * noise()) : [],
        hint: distils ? each(exits - 1).map(() => (4 + 6 * left) * noise()) : [],
        trainAccuracy: accuracy,
        gradientMagnitude: each(exits + 1).map(
          (k) => 0.05 * Math.exp(-0.7 * k) * (0.4 + left) * (1 + 0.4 * s) * noise()
        ),
        imagesPerSecond: 4000,
        accuracy
      }
    }
    return {
      ...entryOf(subject),
      method: distils ? 'self-distillation' : 'baseline',
      exits: each(exits).map((e) => e + 1),
      weights: { alpha: 0.3, lambda: 0.03, temperature: 3 },
      steps: each(50).map((i) => {
        const { accuracy: _, ...fields } = record(i / 50 / Math.max(1, epochs))
        return { step: i + 1, epoch: 1, ...fields }
      }),
      epochs: each(epochs).map((i) => {
        const { accuracy, ...fields } = record((i + 1) / epochs)
        const test = accuracy.map((value) => value - 0.02 - 0.03 * (i / epochs))
        const ensembleAccuracy = Math.max(...test) + 0.01
        return {
          epoch: i + 1,
          ...fields,
          test: { accuracy: test, loss: test.map((value) => 1 - value), ensembleAccuracy, ensembleLoss: 0.4 }
        }
      })
    }
  })
  return {
    kind: 'history',
    request: { checkpoints: pathsOf(subjects) },
    provenance: { ...provenance('fashion-mnist', 1000), data: null },
    checkpoints
  } satisfies ProbeReport<'history'>
}
