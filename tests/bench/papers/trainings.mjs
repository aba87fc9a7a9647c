import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const cli = process.env.AUTODIDACT_CLI ?? fileURLToPath(new URL('../../../out/cli.js', import.meta.url))
const example = fileURLToPath(new URL('../../../resources/networks/example.json', import.meta.url))
const samples = fileURLToPath(new URL('../../../resources/samples', import.meta.url))
const percent = (share) => (100 * share).toFixed(1)
const row = (cells) => `| ${cells.join(' | ')} |`
const table = (head, rows) => [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

/** Trains with the command line; gives what it answers and the run's last epoch. */
function train(folder, name, options) {
  const out = join(folder, name)
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [cli, 'train', ...options, '--out', out, '--json', '--quiet'],
    {
      encoding: 'utf8',
      maxBuffer: 2 ** 26
    }
  )
  if (status !== 0) throw new Error(`${name}: ${stderr}`)
  const lines = readFileSync(join(out, 'history.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  console.log(
    name,
    JSON.parse(stdout)
      .exits.map(({ accuracy }) => percent(accuracy))
      .join(' ')
  )
  return { out, result: JSON.parse(stdout), last: lines.findLast((line) => line.epoch).epoch }
}

function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'autodidact-papers-'))
  try {
    return work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const look = ['--data', 'fashion-mnist', '--limit', '6000', '--epochs', '3']
const members = [
  ['resnet18', 8],
  ['resnet50', 4],
  ['resnext29-8x64d', 4],
  ['wrn20-8', 16],
  ['pyramidnet29-48', 8],
  ['vgg16', 8],
  ['mobilenet', 8],
  ['squeezenet-bn', 16],
  ['cnn', 16],
  [example, null]
]

/** A narrow member of every family, self-distilled. */
export function familiesTable() {
  return inFolder((folder) => {
    const rows = members.map(([network, width]) => {
      const own = network === example
      const options = ['--network', network, ...(own ? [] : ['--width', String(width)]), ...look]
      const { result, last } = train(folder, own ? 'example' : network, options)
      const deepest = result.exits.at(-1).accuracy
      const exits = result.exits.map(({ accuracy }) => percent(accuracy)).join(' ')
      return [
        own ? '`resources/networks/example.json`' : `\`${network}\``,
        width ?? '',
        exits,
        percent(result.ensemble.accuracy),
        deepest > 0.75 ? 'yes' : 'no',
        last.trainSeconds.toFixed(0)
      ]
    })
    return table(['network', 'width', 'exits, %', 'ensemble, %', 'deepest above 75 %', 'training, s'], rows)
  })
}

/** One network by every method, with what its training took, teachers included. */
export function methodsTable() {
  return inFolder((folder) => {
    const look = ['--data', 'fashion-mnist', '--limit', '4000', '--epochs', '2']
    const common = ['--network', 'resnet18', '--width', '8', ...look]
    const teacher = train(folder, 'teacher', [
      '--network',
      'resnet34',
      '--width',
      '16',
      ...look,
      '--method',
      'baseline'
    ])
    const taught = ['--teacher', teacher.out]
    const methods = [
      ['baseline', 'baseline', []],
      ['baseline, SAM 0.05', 'baseline', ['--sam', '0.05']],
      ['baseline, label smoothing 0.1', 'baseline', ['--label-smoothing', '0.1']],
      ['deep-supervision', 'deep-supervision', []],
      ...['autodidact-default', 'byot-luanyunteng', 'scan', 'byot-journal'].map((preset) => [
        `self-distillation, \`${preset}\``,
        'self-distillation',
        ['--preset', preset]
      ]),
      ['kd', 'kd', taught],
      ['fitnets', 'fitnets', taught],
      ['attention-transfer', 'attention-transfer', taught],
      ['mutual-learning', 'mutual-learning', []],
      ['self-distillation-rounds, 2, L2', 'self-distillation-rounds', ['--rounds', '2']],
      [
        'self-distillation-rounds, 2, cross-entropy',
        'self-distillation-rounds',
        ['--rounds', '2', '--round-loss', 'cross-entropy']
      ]
    ]
    const rows = methods.map(([title, method, options], index) => {
      const { result, last } = train(folder, `method-${index}`, [...common, '--method', method, ...options])
      const exits = result.exits.map(({ accuracy }) => percent(accuracy)).join(' ')
      const seconds = last.trainSeconds.toFixed(0)
      return [title, exits, percent(result.ensemble.accuracy), seconds, (last.trainMultiplyAdds / 1e12).toFixed(1)]
    })
    return table(['method', 'exits, %', 'ensemble, %', 'training, s', 'multiply-adds, 10^12'], rows)
  })
}

/** Three seeds of three methods, in the setting of the noisy samples: as recorded beside them, so nothing is trained here. */
export function seedsTable() {
  const rows = ['baseline', 'deep-supervision', 'self-distillation'].map((method) => {
    const runs = [0, 1, 2].map((seed) => {
      const file = join(samples, `noisy-${method}-${seed}.json`)
      return JSON.parse(readFileSync(file, 'utf8')).result
    })
    const at = (exit) => {
      const values = runs.flatMap(({ exits }) =>
        exits.filter((one) => one.exit === exit).map(({ accuracy }) => accuracy)
      )
      return values.length ? spread(values) : ''
    }
    return [method, ...[1, 2, 3, 4].map(at), spread(runs.map(({ ensemble }) => ensemble.accuracy))]
  })
  return table(['method', 'exit 1', 'exit 2', 'exit 3', 'exit 4', 'ensemble'], rows)
}

/** Mean and, in brackets, the least and the most, per cent. */
function spread(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return `${percent(mean)} (${percent(Math.min(...values))} to ${percent(Math.max(...values))})`
}
