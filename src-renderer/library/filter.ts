import type { Job } from '../../src-shared/jobs.ts'
import type { LibraryItem } from '../../src-shared/library.ts'
import type { RunConfig } from '../../src-shared/run-config.ts'

const sourceWords: Record<LibraryItem['source'], string> = { sample: 'sample', run: 'run', file: 'file' }

/** What an item is, in a word. */
export const kindWord = ({ source, frames }: LibraryItem): string => (frames ? 'folder' : sourceWords[source])

/** An item's seed; null where nobody knows it. */
export const seedOf = ({ role, seed }: LibraryItem): number | null => (role === 'unknown' ? null : seed)

/** Columns that the table can be sorted by. */
export const columns = [
  'name',
  'source',
  'network',
  'role',
  'seed',
  'accuracy',
  'ensemble',
  'epochs',
  'changedAt'
] as const
export type Column = (typeof columns)[number]
export type Order = { column: Column; isDescending: boolean }

/** Accuracy of the deepest exit, 0..1; null while not measured. */
export const deepestAccuracy = ({ exits }: LibraryItem): number | null => exits.at(-1)?.accuracy ?? null

const keys: Record<Column, (item: LibraryItem) => string | number | null> = {
  name: ({ name }) => name.toLowerCase(),
  source: kindWord,
  network: ({ network }) => network,
  role: ({ role }) => role,
  seed: seedOf,
  accuracy: deepestAccuracy,
  ensemble: ({ ensembleAccuracy }) => ensembleAccuracy,
  epochs: ({ epochsDone }) => epochsDone,
  changedAt: ({ changedAt }) => changedAt
}

/** Items in an order; what has no value stands last either way. */
export function sortItems(items: readonly LibraryItem[], { column, isDescending }: Order): LibraryItem[] {
  const key = keys[column]
  const sign = isDescending ? -1 : 1
  const compare = (a: string | number, b: string | number) =>
    typeof a === 'string' ? a.localeCompare(String(b), undefined, { numeric: true }) : a - Number(b)
  return [...items].sort((one, other) => {
    const [a, b] = [key(one), key(other)]
    if (a === null || b === null) return Number(a === null) - Number(b === null)
    return sign * compare(a, b)
  })
}

/** Items whose name, group, network, method, tags or note hold every word of the search, in any case. */
export function searchItems(items: readonly LibraryItem[], search: string): LibraryItem[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  return items.filter(({ name, group, network, role, tags, note, source, path }) => {
    const text = [name, group, network, role, source, note, path, ...tags].join('\n').toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

/** All tags in use, in the alphabet's order. */
export const tagsOf = (items: readonly LibraryItem[]): string[] =>
  [...new Set(items.flatMap(({ tags }) => tags))].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }))

/** Configurations of the runs that the lab's jobs have trained, by the run's folder. */
export function configsOf(jobs: readonly Job[]): Map<string, RunConfig> {
  return new Map(jobs.flatMap(({ spec, run }) => (spec.kind === 'train' && run !== null ? [[run, spec.config]] : [])))
}

const configRows: [name: string, read: (config: RunConfig) => string][] = [
  ['Images', ({ data }) => (data.limit === null ? 'all' : data.limit.toLocaleString('en'))],
  ['Label noise', ({ data }) => `${+(100 * data.labelNoise).toFixed(1)} %`],
  ['Validation share', ({ data }) => `${+(100 * data.validation).toFixed(1)} %`],
  ['Batch size', ({ batchSize }) => String(batchSize)],
  ['Learning rate', ({ learningRate }) => String(learningRate)],
  [
    'Schedule',
    ({ schedule }) =>
      schedule.kind === 'step' ? `${schedule.factor} × after ${schedule.milestones.join(', ')}` : schedule.kind
  ],
  ['Momentum', ({ momentum, nesterov }) => `${momentum}${nesterov ? ', Nesterov' : ''}`],
  ['Weight decay', ({ weightDecay }) => String(weightDecay)],
  ['Crop padding', ({ augmentation }) => String(augmentation.cropPadding)],
  ['Flip', ({ augmentation }) => (augmentation.flip ? 'on' : 'off')],
  [
    'Distillation',
    ({ method, distillation: { alpha, lambda, temperature } }) =>
      method === 'self-distillation' ? `alpha ${alpha}, lambda ${lambda}, T ${temperature}` : 'none'
  ]
]

/** One thing in which two checkpoints may differ. */
export type DiffRow = { name: string; values: [string, string]; differs: boolean }

const percent = (value: number | null | undefined) => (value == null ? 'not measured' : `${(100 * value).toFixed(2)} %`)
const shorten = (value: number | undefined) => {
  if (value === undefined) return 'none'
  return value < 1e5 ? `${(value / 1e3).toPrecision(4)} k` : `${(value / 1e6).toPrecision(4)} M`
}

/**
 * Two checkpoints side by side: what they are, each exit's accuracy and cost, and how they were trained where `configs`
 * (by path) knows it of one of them.
 */
export function diffItems(
  a: LibraryItem,
  b: LibraryItem,
  configs: ReadonlyMap<string, RunConfig> = new Map()
): DiffRow[] {
  const row = (name: string, read: (item: LibraryItem) => string): DiffRow => {
    const values: [string, string] = [read(a), read(b)]
    return { name, values, differs: values[0] !== values[1] }
  }
  const exits = [...new Set([...a.exits, ...b.exits].map(({ exit }) => exit))].sort((x, y) => x - y)
  const of = (item: LibraryItem, exit: number) => item.exits.find((one) => one.exit === exit)
  const isTrainedHere = configs.has(a.path) || configs.has(b.path)
  return [
    row('Network', ({ network }) => network || 'unknown'),
    row('Method', ({ role }) => role),
    row('Seed', (item) => String(seedOf(item) ?? 'unknown')),
    row('Trained on', ({ dataset }) => dataset || 'unknown'),
    row('Epochs', ({ epochs, epochsDone }) => (epochs > 0 ? `${epochsDone} of ${epochs}` : 'unknown')),
    ...(isTrainedHere ? configRows : []).map(([name, read]) =>
      row(name, ({ path }) => {
        const config = configs.get(path)
        return config ? read(config) : 'unknown'
      })
    ),
    ...exits.flatMap((exit) => [
      row(`Exit ${exit}, accuracy`, (item) => (of(item, exit) ? percent(of(item, exit)?.accuracy) : 'none')),
      row(`Exit ${exit}, multiply-adds`, (item) => shorten(of(item, exit)?.multiplyAdds)),
      row(`Exit ${exit}, parameters`, (item) => shorten(of(item, exit)?.parameters))
    ]),
    row('Ensemble, accuracy', ({ ensembleAccuracy }) => percent(ensembleAccuracy)),
    row('Weights (SHA-256)', ({ hash }) => hash.slice(0, 12))
  ]
}
