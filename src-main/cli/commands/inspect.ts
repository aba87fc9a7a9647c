import type { Command } from 'commander'
import type { EngineResult, TensorStatisticsRow } from '../../../src-shared/contract.ts'
import { createContext } from '../command-context.ts'
import { addOutputOptions } from '../common-options.ts'
import type { CliIo, CommonOptions } from '../io.ts'
import { printable } from '../printable.ts'
import { formatCount, formatPercent, formatTable, type Cell } from '../text-table.ts'

type InspectOptions = CommonOptions & { tensors?: boolean; statistics?: boolean }

/** `inspect PATH`: what a checkpoint is. */
export function addInspectCommand(program: Command, io: CliIo): void {
  const command = program
    .command('inspect')
    .description('say what a checkpoint is: its network, what each exit costs, its tensors')
    .argument('<path>', 'a run folder, a checkpoint file, or a folder of checkpoints of one run')
    .option('--tensors', 'list every tensor')
    .option('--statistics', 'read every tensor: mean, deviation, range, norm, zeros, a histogram in --json')
  addOutputOptions(command).action(async (path: string, options: InspectOptions) => {
    const context = createContext(io, options)
    const result = await context.ask((engine, callOptions) => engine.inspect({ path }, callOptions))
    // What is told of a folder of checkpoints is the last of them.
    const shown = result.frames?.at(-1)?.path ?? path
    const measured = options.statistics
      ? await context.ask((engine, callOptions) => engine.tensorStatistics({ path: shown }, callOptions))
      : null
    const whole = measured ? { ...result, tensors: measured.tensors } : result
    await context.print(whole, () => describeInspection(path, result, options.tensors ?? false, measured?.tensors))
  })
}

type Inspection = EngineResult<'inspect'>

function describeInspection(
  path: string,
  result: Inspection,
  withTensors: boolean,
  measured?: readonly TensorStatisticsRow[]
): string {
  const exits = formatTable(
    ['exit', 'parameters', 'multiply-adds', 'acceleration', 'compression'],
    result.exits.map(({ exit, parameters, multiplyAdds, acceleration, compression }) => [
      exit,
      formatCount(parameters),
      formatCount(multiplyAdds),
      acceleration,
      compression
    ])
  )
  const tensors = formatTable(
    ['tensor', 'shape', 'type'],
    result.tensors.map(({ name, shape, dtype }) => [printable(name), shapeText(shape), dtype])
  )
  const counted = `${result.tensors.length} tensors; --tensors lists them.\n`
  const remarks = result.remarks.map((remark) => `${printable(remark)}\n`).join('')
  return [
    formatTable(['checkpoint', ''], factsOf(result)),
    ...(result.misfit === null ? [] : [`${path} ${printable(result.misfit)}\n`]),
    ...(result.exits.length > 0 ? [exits] : []),
    ...(remarks ? [remarks] : []),
    ...(result.frames ? [describeFrames(result.frames)] : []),
    measured ? describeStatistics(measured) : withTensors ? tensors : counted
  ].join('\n')
}

const describeFrames = (frames: NonNullable<Inspection['frames']>) =>
  formatTable(
    ['frame', 'file', 'changed'],
    frames.map(({ label, path, changedAt }) => [
      printable(label),
      printable(path),
      changedAt.slice(0, 16).replace('T', ' ')
    ])
  )

function factsOf(result: Inspection): Cell[][] {
  const { preprocessing: prepared, outputs } = result
  const isKnown = result.family !== 'unknown'
  const network = [
    result.title ?? `${result.family}${result.depth || ''}`,
    ...(result.width > 0 ? [`width ${result.width}`] : []),
    `${result.classes} classes`
  ]
  const list = (values: readonly number[]) => values.map((value) => Number(value.toPrecision(4))).join(', ')
  return [
    ['format', result.format],
    ['network', isKnown ? network.join(', ') : 'unknown'],
    ...(isKnown
      ? [
          ['exit heads', result.heads],
          ['input channels', `${result.inputChannels}`],
          ['deepest exit', `${formatCount(result.parameters)} parameters`],
          ['multiply-adds', formatCount(result.multiplyAdds)]
        ]
      : []),
    ...(outputs ? [['outputs', `${outputs.exits.length} exits, ${formatCount(outputs.count)} images`]] : []),
    ...(prepared
      ? [['images', `${prepared.size} pixels, mean ${list(prepared.mean)}, deviation ${list(prepared.deviation)}`]]
      : []),
    ...(result.classNames.length > 0 ? [['classes', printable(result.classNames.join(', '), mostText)]] : []),
    ...result.notes.map(({ name, text }) => [printable(name, mostText), printable(text, mostText)])
  ]
}

const describeStatistics = (tensors: readonly TensorStatisticsRow[]): string =>
  formatTable(
    ['tensor', 'shape', 'type', 'mean', 'deviation', 'min', 'max', 'norm', 'zeros', 'non-finite'],
    tensors.map(({ name, shape, dtype, mean, deviation, min, max, norm, zeroFraction, nonFinite }) => [
      printable(name),
      shapeText(shape),
      ...[dtype, mean, deviation, min, max, norm],
      formatPercent(zeroFraction),
      formatCount(nonFinite)
    ])
  )

/** Of a line of facts. */
const mostText = 100
const shapeText = (shape: readonly number[]): string => shape.join(' x ') || 'scalar'
