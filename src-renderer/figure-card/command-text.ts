import type { AnyReport, DataSelection, ProbeKind, ProbeRequest } from '../../src-shared/reports.ts'
import { figures, type OptionWords } from '../figures/index.ts'
import { quoteCommand } from './shell-words.ts'

/** Images that the command line takes where it is told nothing; null is all. */
const usualLimit: Record<ProbeKind, number | null> = {
  embedding: 1000,
  discriminativeness: null,
  flatness: 1000,
  gradients: 256,
  history: null
}

type Flags = [flag: string, value: string | number | undefined][]

/** The command that measures what a report holds, as words: exactly the options of its request. */
export function probeWords(report: AnyReport, out: string): string[] {
  const { kind, request } = report
  const paths = request.checkpoints.map(({ path }) => (path.startsWith('-') ? `./${path}` : path))
  const flags: Flags = [...dataFlags(report), ...ownFlags(report), ...subjectFlags(report)]
  if (kind !== 'history') flags.push(['--seed', report.request.seed])
  return ['autodidact', 'probe', kind, ...paths, ...wordsOf(flags), '--out', out]
}

const wordsOf = (flags: Flags): string[] =>
  flags.flatMap(([flag, value]) => {
    if (value === undefined) return []
    const text = String(value)
    // What begins with a dash would be read as an option of its own.
    return text.startsWith('-') ? [`${flag}=${text}`] : [flag, text]
  })

/** Names, groups and roles where the request has them; one for each checkpoint, as the command line wants them. */
function subjectFlags({ request, checkpoints }: AnyReport): Flags {
  return (['name', 'group', 'role'] as const).flatMap((key): Flags => {
    if (!request.checkpoints.some((subject) => subject[key])) return []
    return request.checkpoints.map((subject, i) => [`--${key}`, subject[key] ?? (checkpoints[i]?.[key] || 'unnamed')])
  })
}

function dataFlags(report: AnyReport): Flags {
  if (report.kind === 'history') return []
  const { data } = report.request
  if (data.kind === 'arrays')
    return [
      ['--images', data.imagesPath],
      ['--shape', data.shape.join()],
      ['--labels', data.labels?.join()]
    ]
  const split = report.kind === 'flatness' && report.request.split !== 'given' ? report.request.split : data.split
  return [
    ['--data', data.name],
    ['--split', split],
    ['--limit', limitOf(report.kind, data, report.provenance.data?.count)]
  ]
}

/** The limit to give; none where the command line takes these images by itself. */
function limitOf(
  kind: ProbeKind,
  { limit, orFewer }: Extract<DataSelection, { kind: 'dataset' }>,
  measured: number | undefined
): number | undefined {
  const usual = usualLimit[kind]
  if (limit === usual && (limit === null || orFewer)) return undefined
  return limit === null || orFewer ? (measured ?? limit ?? undefined) : limit
}

function ownFlags(report: AnyReport): Flags {
  switch (report.kind) {
    case 'embedding': {
      const { method, dims, neighbors, minDist } = report.request
      return [
        ['--method', method],
        ['--dims', dims],
        ['--neighbors', neighbors],
        ['--min-dist', minDist]
      ]
    }
    case 'discriminativeness':
      return [
        ['--features', report.request.features],
        ['--resamples', report.request.resamples]
      ]
    case 'flatness': {
      const { sigmas, draws, protocols } = report.request
      return [
        ['--sigmas', sigmas === 'auto' ? sigmas : sigmas.join()],
        ['--draws', draws],
        ['--protocol', protocols.join()]
      ]
    }
    case 'gradients':
      return lossFlags(report.request)
    case 'history':
      return []
  }
}

const lossFlags = ({ preset, method, alpha, lambda, temperature, batchSize }: ProbeRequest<'gradients'>): Flags => [
  ['--preset', preset],
  ['--method', method],
  ['--alpha', alpha],
  ['--lambda', lambda],
  ['--temperature', temperature],
  ['--batch-size', batchSize ?? undefined]
]

/** The command that draws a report's file with the figure's own options, those left out that are the default. */
export function figureWords(
  report: AnyReport,
  options: Record<string, unknown>,
  { report: from, out }: { report: string; out: string }
): string[] {
  const known = figures[report.kind].options as Record<string, OptionWords<ProbeKind>>
  const flags = Object.entries(known).map(([name, choice]): Flags[number] => {
    const words = typeof choice === 'function' ? choice(report as never, options) : choice
    const value = options[name]
    return [`--${name}`, typeof value === 'string' && value !== words[0] ? value : undefined]
  })
  return ['autodidact', 'figure', from, ...wordsOf(flags), '--out', out]
}

/** Two lines for a POSIX shell: measure a report again, then draw it; `options` are the figure's own. */
export function describeCommand(report: AnyReport, options: Record<string, unknown> = {}): string {
  const files = { report: `${report.kind}.json`, out: `${report.kind}.pdf` }
  return `${quoteCommand(probeWords(report, files.report))}\n${quoteCommand(figureWords(report, options, files))}\n`
}
