import type { AnyReport, DataSelection, ProbeKind, ProbeReport } from '../../src-shared/reports.ts'
import { formatCount } from '../figures/numbers.ts'
import { groupSubjects, type SubjectEntry } from '../figures/subjects.ts'

const listWords = (words: readonly string[]): string =>
  words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`

/** For instance `2 networks (ResNet18, width 8, 10 classes, 4 exits): a (3 seeds) and b`. */
function describeNetworks({ checkpoints }: AnyReport): string {
  const kinds = [...new Set(checkpoints.map(({ network }) => network))]
  const groups = groupSubjects<SubjectEntry>(checkpoints).map(({ label }) => label)
  return `${countOf(checkpoints.length, 'network')} (${kinds.join('; ')}): ${listWords(groups)}`
}

/** For instance `on 500 images of fashion-mnist (test and train split each), drawn evenly over the classes with seed 0`. */
function describeImages({ provenance }: AnyReport, data: DataSelection): string {
  const { data: measured, seed } = provenance
  if (measured === null) return ''
  if (data.kind === 'arrays') return `on ${countOf(measured.count, 'given image')}, used as they are`
  const each = measured.split.includes(' and ') ? ', each split' : ' split'
  const drawn = data.limit === null ? '' : `, drawn evenly over the classes with seed ${seed}`
  return `on ${countOf(measured.count, 'image')} of ${measured.name} (${measured.split}${each})${drawn}`
}

const protocolWords = {
  a: 'A (absolute noise of standard deviation σ, BatchNorm statistics kept)',
  b: 'B (noise of σ times each filter’s norm over the square root of its size, BatchNorm statistics kept)',
  c: 'C (as B, BatchNorm statistics re-estimated for every draw)'
} as const
const featureWords = { raw: 'raw', standardized: 'standardised', normalized: 'L2-normalised' } as const
const scatterWords =
  'SSE is the sum of squared distances of the features to the mean of their class, SSB that of the class means to the ' +
  'grand mean, weighted by class size; both in the full feature space'

function describeFlatness({ request, checkpoints }: ProbeReport<'flatness'>): string {
  const { sigmas, draws, protocols } = request
  const sizes =
    sigmas === 'auto' ? 'with σ chosen by bisection around the drops' : `at σ of ${listWords(sigmas.map(String))}`
  const counts = groupSubjects<SubjectEntry>(checkpoints).map(({ members }) => members.length)
  const curves = [
    'Curves are means over the draws',
    counts.some((count) => count > 1)
      ? 'and over the seeds of a method, whose bands reach from the lowest to the highest'
      : '',
    counts.includes(1)
      ? `with bands of 10 to 90 % of the draws${counts.some((count) => count > 1) ? ' for single networks' : ''}`
      : ''
  ]
    .filter(Boolean)
    .join(', ')
  return (
    `Gaussian noise was added to the convolution and linear weights, ${countOf(draws, 'draw')} at each σ and the same ` +
    `for every exit, ${sizes}, under ${protocols.length === 1 ? 'protocol' : 'protocols'} ` +
    `${listWords(protocols.map((name) => protocolWords[name]))}. ${curves}; drops are percentage points below each ` +
    'network’s own accuracy without noise'
  )
}

/** Methods whose identifier is no word of a sentence. */
const methodWords: Record<string, string> = {
  'deep-supervision': 'deep supervision (Lee et al. 2015)',
  kd: 'knowledge distillation (Hinton et al. 2015)',
  fitnets: 'FitNets (Romero et al. 2015)',
  'attention-transfer': 'attention transfer (Zagoruyko and Komodakis 2017)',
  'mutual-learning': 'deep mutual learning (Zhang et al. 2018)',
  'self-distillation-rounds': 'self-distillation in rounds (Mobahi et al. 2020)'
}

function describeGradients({ request, checkpoints }: ProbeReport<'gradients'>): string {
  const { batchSize, alpha, lambda, temperature } = request
  const methods = [...new Set(checkpoints.map(({ method }) => methodWords[method] ?? method))]
  const set = Object.entries({ alpha, lambda, temperature }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} ${value}`]
  )
  return (
    `The magnitude is the mean |gradient| of the training loss (${listWords(methods)}${set.length > 0 ? `; ${listWords(set)}` : ''}) ` +
    `over each convolution’s weights, with BatchNorm on the statistics of the batch and without weight decay, ` +
    (batchSize === null ? 'on all images as one batch' : `as the mean over batches of ${batchSize}`)
  )
}

/** What was done, of each kind: sentences without their last full stop. */
const procedures: { [K in ProbeKind]: (report: ProbeReport<K>) => string } = {
  embedding: ({ request: { method, dims, neighbors, minDist } }) =>
    `The features of each exit were mapped to ${dims} dimensions with ${
      method === 'umap'
        ? `UMAP (McInnes et al. 2018; ${neighbors} neighbours, smallest distance ${minDist})`
        : 'principal component analysis'
    }, each exit on its own; trustworthiness is that of Venna and Kaski (2001). ${scatterWords}`,
  discriminativeness: ({ request: { features, resamples } }) =>
    `${scatterWords}; features were ${featureWords[features]}. Intervals are 10 to 90 % of ` +
    `${countOf(resamples, 'bootstrap resample')} within the classes`,
  flatness: describeFlatness,
  gradients: describeGradients,
  history: ({ checkpoints }) => {
    const epochs = Math.max(0, ...checkpoints.map((entry) => entry.epochs.length))
    return (
      `Losses and training accuracies are means over the steps of an epoch on augmented batches, test accuracies were ` +
      `measured after each of up to ${countOf(epochs, 'epoch')}; loss terms are weighted as in training`
    )
  }
}

/** Two or three sentences for a paper: what was measured, on which images, how, and with which software. */
export function describeMethods(report: AnyReport): string {
  const { provenance, kind } = report
  const images = kind === 'history' ? '' : describeImages(report, report.request.data)
  const procedure = (procedures[kind] as (report: AnyReport) => string)(report)
  const { autodidact = '', ...others } = provenance.software
  const libraries = Object.entries(others).map(([name, version]) => `${name} ${version}`)
  const where = [`${provenance.backend} backend`, provenance.device].filter(Boolean).join(', ')
  return [
    `${kind === 'history' ? 'Read from the training records of' : 'Measured for'} ${describeNetworks(report)}${images && `, ${images}`}.`,
    `${procedure}.`,
    `Software: Autodidact ${autodidact}${libraries.length > 0 ? ` (${libraries.join(', ')})` : ''}; ${where}; ` +
      `${provenance.createdAt.slice(0, 10)}.`
  ].join(' ')
}
