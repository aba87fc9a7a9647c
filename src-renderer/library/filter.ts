import type { LibraryItem } from '../../src-shared/library.ts'

export const sourceWords: Record<LibraryItem['source'], string> = { sample: 'sample', run: 'run', file: 'file' }

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
  source: ({ source }) => source,
  network: ({ network }) => network,
  role: ({ role }) => role,
  seed: ({ seed }) => seed,
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

/** One thing in which two checkpoints may differ. */
export type DiffRow = { name: string; values: [string, string]; differs: boolean }

const percent = (value: number | null | undefined) => (value == null ? 'not measured' : `${(100 * value).toFixed(2)} %`)
const millions = (value: number | undefined) => (value === undefined ? 'none' : `${(value / 1e6).toPrecision(4)} M`)

/** Two checkpoints side by side: what they are, and each exit's accuracy and cost. */
export function diffItems(a: LibraryItem, b: LibraryItem): DiffRow[] {
  const row = (name: string, read: (item: LibraryItem) => string): DiffRow => {
    const values: [string, string] = [read(a), read(b)]
    return { name, values, differs: values[0] !== values[1] }
  }
  const exits = [...new Set([...a.exits, ...b.exits].map(({ exit }) => exit))].sort((x, y) => x - y)
  const of = (item: LibraryItem, exit: number) => item.exits.find((one) => one.exit === exit)
  return [
    row('Network', ({ network }) => network || 'unknown'),
    row('Method', ({ role }) => role),
    row('Seed', ({ seed }) => String(seed)),
    row('Trained on', ({ dataset }) => dataset || 'unknown'),
    row('Epochs', ({ epochs, epochsDone }) => (epochs > 0 ? `${epochsDone} of ${epochs}` : 'unknown')),
    ...exits.flatMap((exit) => [
      row(`Exit ${exit}, accuracy`, (item) => (of(item, exit) ? percent(of(item, exit)?.accuracy) : 'none')),
      row(`Exit ${exit}, multiply-adds`, (item) => millions(of(item, exit)?.multiplyAdds)),
      row(`Exit ${exit}, parameters`, (item) => millions(of(item, exit)?.parameters))
    ]),
    row('Ensemble, accuracy', ({ ensembleAccuracy }) => percent(ensembleAccuracy)),
    row('Weights (SHA-256)', ({ hash }) => hash.slice(0, 12))
  ]
}
