import type { Command } from 'commander'
import type { EngineResult, TensorDifferenceRow } from '../../../src-shared/contract.ts'
import { createContext } from '../command-context.ts'
import { addOutputOptions } from '../common-options.ts'
import type { CliIo, CommonOptions } from '../io.ts'
import { printable } from '../printable.ts'
import { formatPercent, formatTable, type Cell } from '../text-table.ts'

type DiffOptions = CommonOptions & { all?: boolean }

/** `diff A B`: two checkpoints compared tensor by tensor. */
export function addDiffCommand(program: Command, io: CliIo): void {
  const command = program
    .command('diff')
    .description('compare two checkpoints tensor by tensor')
    .argument('<a>', 'a run folder or a checkpoint file')
    .argument('<b>', 'another one')
    .option('--all', 'list equal tensors too')
  addOutputOptions(command).action(async (a: string, b: string, options: DiffOptions) => {
    const context = createContext(io, options)
    const result = await context.ask((engine, callOptions) => engine.diffCheckpoints({ a, b }, callOptions))
    await context.print(result, () => describeDiff(result, options.all ?? false))
  })
}

function describeDiff({ summary, tensors }: EngineResult<'diffCheckpoints'>, withEqual: boolean): string {
  const shown = tensors.filter(({ state }) => withEqual || state !== 'equal')
  const table = formatTable(
    ['tensor', 'shape', 'change', 'relative', 'largest', 'cosine', 'unequal'],
    shown.map(cellsOf)
  )
  return shown.length === 0 ? `${printable(summary)}\n` : `${table}\n${printable(summary)}\n`
}

const words: Record<TensorDifferenceRow['state'], string> = {
  equal: 'equal',
  differs: 'differs',
  shape: 'other shape',
  onlyInA: 'only in A',
  onlyInB: 'only in B'
}

function cellsOf({ name, a, b, state, ...row }: TensorDifferenceRow): Cell[] {
  const shapes = state === 'shape' ? [a, b] : [a ?? b]
  const types = state === 'differs' && a?.dtype !== b?.dtype ? `, ${a?.dtype} to ${b?.dtype}` : ''
  return [
    printable(name),
    shapes.map((header) => header?.shape.join(' x ') || 'scalar').join(' to '),
    `${words[state]}${types}`,
    row.relative,
    row.maxAbs,
    row.cosine,
    formatPercent(row.unequalFraction)
  ]
}
