import {
  lossTermNames,
  type AnyReport,
  type LossTermName,
  type ProbeKind,
  type ProbeReport
} from '../../src-shared/reports.ts'
import { formatCsv, type CsvCell, type CsvRow } from '../../src-shared/csv.ts'

type Table<K extends ProbeKind> = { header: readonly string[]; rows: (report: ProbeReport<K>) => CsvRow[] }

const subject = ['checkpoint', 'group', 'role', 'seed'] as const
type Entry = { name: string; group: string; role: string; seed: number }
const idOf = ({ name, group, role, seed }: Entry): CsvRow => [name, group, role, seed]

/** Rows of every checkpoint, each behind the columns that say which checkpoint it is. */
const perCheckpoint = <E extends Entry>(entries: readonly E[], rowsOf: (entry: E) => CsvRow[]): CsvRow[] =>
  entries.flatMap((entry) => rowsOf(entry).map((row) => [...idOf(entry), ...row]))

type Band = { mean: number; low: number; high: number }
const bandCells = ({ mean, low, high }: Band): CsvCell[] => [mean, low, high]

type Measured = {
  crossEntropy: number[]
  kl: number[]
  hint: number[]
  weighted?: Partial<Record<LossTermName, number>> | undefined
  trainAccuracy: number[]
  gradientMagnitude: number[]
  learningRate: number
  total: number
  imagesPerSecond: number
}

/** One row per value: quantity, its index (exit, or stage with 0 for the stem; empty for a total), value. */
function historyRows(unit: string, at: number, exits: readonly number[], record: Measured): CsvRow[] {
  const list = (name: string, values: readonly number[], indices: readonly number[] = exits): CsvRow[] =>
    values.map((value, i) => [unit, at, name, indices[i] ?? NaN, value])
  return [
    [unit, at, 'learningRate', '', record.learningRate],
    [unit, at, 'totalLoss', '', record.total],
    [unit, at, 'imagesPerSecond', '', record.imagesPerSecond],
    ...list('crossEntropy', record.crossEntropy),
    ...list('kl', record.kl),
    ...list('hint', record.hint),
    ...lossTermNames.flatMap((term): CsvRow[] => {
      const value = record.weighted?.[term]
      return value === undefined ? [] : [[unit, at, `weighted ${term}`, '', value]]
    }),
    ...list('trainAccuracy', record.trainAccuracy),
    ...list('gradientMagnitude', record.gradientMagnitude, [...record.gradientMagnitude.keys()])
  ]
}

/** The long table of each kind of report: one observation a row. */
const tables: { [K in ProbeKind]: Table<K> } = {
  embedding: {
    header: [
      ...subject,
      'exit',
      'index',
      'label',
      'prediction',
      'x',
      'y',
      'z',
      'sse',
      'ssb',
      'ratio',
      'trustworthiness'
    ],
    rows: ({ checkpoints }) =>
      perCheckpoint(checkpoints, ({ exits, indices, labels }) =>
        exits.flatMap(({ exit, points, predictions, quality, discriminativeness: { sse, ssb, ratio } }) =>
          points.map(([x = NaN, y = NaN, z = NaN], i) => {
            const image = [indices[i] ?? NaN, labels[i] ?? NaN, predictions[i] ?? NaN]
            return [exit, ...image, x, y, z, sse, ssb, ratio, quality.trustworthiness]
          })
        )
      )
  },
  discriminativeness: {
    header: [...subject, 'exit', 'class', 'quantity', 'value', 'low', 'high'],
    rows: ({ checkpoints }) =>
      perCheckpoint(checkpoints, ({ exits }) =>
        exits.flatMap((row) => [
          ...(['dimensions', 'deadDimensions', 'sse', 'ssb', 'unbiasedSsb', 'silhouette', 'knnAccuracy'] as const).map(
            (quantity): CsvRow => [row.exit, '', quantity, row[quantity], '', '']
          ),
          [row.exit, '', 'ratio', row.ratio, row.ratioInterval.low, row.ratioInterval.high],
          ...row.perClass.flatMap((one) =>
            (['count', 'sse', 'ssb'] as const).map((key): CsvRow => [row.exit, one.class, key, one[key], '', ''])
          )
        ])
      )
  },
  flatness: {
    header: [
      ...[...subject, 'protocol', 'split', 'exit', 'sigma'],
      ...['accuracy', 'loss', 'calibratedLoss'].flatMap((name) => [`${name}Mean`, `${name}Low`, `${name}High`]),
      'drop'
    ],
    rows: ({ checkpoints }) =>
      perCheckpoint(checkpoints, ({ exits, drops }) => [
        ...exits.map((row): CsvRow => {
          const values = [row.accuracy, row.loss, row.calibratedLoss].flatMap(bandCells)
          return [row.protocol, row.split, row.exit, row.sigma, ...values, '']
        }),
        ...drops.map((row): CsvRow => {
          return [row.protocol, row.split, row.exit, row.sigma, ...Array<string>(9).fill(''), row.drop]
        })
      ])
  },
  gradients: {
    header: [
      ...subject,
      'term',
      'exit',
      'layer',
      'stage',
      'layerRole',
      'part',
      'meanAbs',
      'relative',
      'timesNorm',
      'share'
    ],
    rows: ({ checkpoints }) =>
      perCheckpoint(checkpoints, ({ layers, terms }) => [
        ...layers.map((layer): CsvRow => {
          const { name, stage, role, part, meanAbs, relative, timesNorm } = layer
          return ['total', '', name, stage, role, part, meanAbs, relative, timesNorm, '']
        }),
        ...terms.flatMap(({ term, exit, layers: parts }) =>
          parts.map(({ name, meanAbs, share }): CsvRow => {
            const layer = layers.find((row) => row.name === name)
            const place = [layer?.stage ?? '', layer?.role ?? '', layer?.part ?? '']
            return [term, exit, name, ...place, meanAbs, '', '', share]
          })
        )
      ])
  },
  history: {
    header: [...subject, 'unit', 'at', 'quantity', 'index', 'value'],
    rows: ({ checkpoints }) =>
      perCheckpoint(checkpoints, ({ exits, steps, epochs, curves = [] }) => [
        ...curves.flatMap(({ tag, file, unit, steps: places, values }) =>
          places.map((at, i): CsvRow => [unit, at, tag, file, values[i] ?? NaN])
        ),
        ...steps.flatMap((record) => historyRows('step', record.step, exits, record)),
        ...epochs.flatMap((record) => [
          ...historyRows('epoch', record.epoch, exits, record),
          ...(['trainSeconds', 'trainMultiplyAdds'] as const).flatMap((key): CsvRow[] => {
            const value = record[key]
            return value === undefined ? [] : [['epoch', record.epoch, key, '', value]]
          }),
          ...(['test', 'validation'] as const).flatMap((split) => {
            const measured = record[split]
            return measured === undefined
              ? []
              : (['accuracy', 'loss'] as const).flatMap((key) =>
                  measured[key].map((value, i): CsvRow => [
                    'epoch',
                    record.epoch,
                    `${split} ${key}`,
                    exits[i] ?? NaN,
                    value
                  ])
                )
          }),
          ['epoch', record.epoch, 'test ensembleAccuracy', '', record.test.ensembleAccuracy],
          ['epoch', record.epoch, 'test ensembleLoss', '', record.test.ensembleLoss]
        ])
      ])
  }
}

/** A report as CSV in long form, every number in full. */
export function reportToCsv(report: AnyReport): string {
  const table = tables[report.kind] as Table<ProbeKind>
  return formatCsv(table.header, table.rows(report))
}
