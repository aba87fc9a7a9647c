import type { AnyReport, ProbeKind, ProbeReport } from '../../src-shared/reports.ts'
import { formatNumber, formatPercent, formatTable, type Cell } from './text-table.ts'

type Summaries = { [K in ProbeKind]: (report: ProbeReport<K>) => string }

const summaries: Summaries = {
  embedding: ({ checkpoints }) =>
    formatTable(
      ['checkpoint', 'exit', 'trustworthiness', 'SSE/SSB'],
      checkpoints.flatMap(({ name, exits }) =>
        exits.map(({ exit, quality, discriminativeness }): Cell[] => [
          name,
          exit,
          quality.trustworthiness,
          discriminativeness.ratio
        ])
      )
    ),
  discriminativeness: ({ checkpoints }) =>
    formatTable(
      ['checkpoint', 'exit', 'SSE', 'SSB', 'SSE/SSB', '10 to 90 %', 'silhouette', '10-NN accuracy'],
      checkpoints.flatMap(({ name, exits }) =>
        exits.map(({ exit, sse, ssb, ratio, ratioInterval, silhouette, knnAccuracy }): Cell[] => {
          const interval = `${formatNumber(ratioInterval.low)} to ${formatNumber(ratioInterval.high)}`
          return [name, exit, sse, ssb, ratio, interval, silhouette, formatPercent(knnAccuracy)]
        })
      )
    ) + checkpoints.flatMap(({ name, warnings }) => warnings.map((warning) => `${name}: ${warning}\n`)).join(''),
  flatness: ({ checkpoints }) =>
    formatTable(
      ['checkpoint', 'exit', 'split', 'protocol', 'drop', 'sigma'],
      checkpoints.flatMap(({ name, drops }) =>
        drops.map(({ exit, split, protocol, drop, sigma }): Cell[] => [
          name,
          exit,
          split,
          protocol.toUpperCase(),
          `${drop} points`,
          sigma
        ])
      )
    ),
  gradients: ({ checkpoints }) =>
    formatTable(
      ['checkpoint', 'convolution', 'stage', 'part', 'mean |gradient|', 'relative'],
      checkpoints.flatMap(({ name, layers }) =>
        layers
          .filter(({ role }) => role === 'convolution')
          .map((layer): Cell[] => [name, layer.name, layer.stage, layer.part, layer.meanAbs, layer.relative])
      )
    ),
  history: ({ checkpoints }) =>
    [
      describeRecords(checkpoints.filter(({ curves }) => !curves)),
      describeCurves(checkpoints.filter(({ curves = [] }) => curves.length > 0)),
      ...checkpoints.flatMap(({ remarks = [] }) => remarks.map((remark) => `${remark}\n`))
    ].join('')
}

type Histories = ProbeReport<'history'>['checkpoints']

function describeRecords(checkpoints: Histories): string {
  if (checkpoints.length === 0) return ''
  return formatTable(
    ['run', 'method', 'epochs', 'loss', 'test accuracy per exit', 'ensemble'],
    checkpoints.map(({ name, method, epochs }): Cell[] => {
      const last = epochs.at(-1)
      const accuracies = last?.test.accuracy.map(formatPercent).join(', ') ?? '-'
      const ensemble = formatPercent(last?.test.ensembleAccuracy ?? NaN)
      return [name, method, epochs.length, last?.total ?? NaN, accuracies, ensemble]
    })
  )
}

function describeCurves(checkpoints: Histories): string {
  if (checkpoints.length === 0) return ''
  return formatTable(
    ['checkpoint', 'logged', 'in', 'points', 'last value', 'at'],
    checkpoints.flatMap(({ name, curves = [] }) =>
      curves.map(({ tag, file, unit, steps, values }): Cell[] => {
        return [name, tag, file, steps.length, values.at(-1) ?? NaN, `${unit} ${steps.at(-1) ?? ''}`]
      })
    )
  )
}

/** A report's main numbers as a table for people. */
export function summarizeReport(report: AnyReport): string {
  const summarize = summaries[report.kind] as (report: AnyReport) => string
  return summarize(report)
}
