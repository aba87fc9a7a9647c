import type { Command } from 'commander'
import type { EngineResult } from '../../../src-shared/contract.ts'
import { createContext } from '../command-context.ts'
import { addOutputOptions } from '../common-options.ts'
import type { CliIo, CommonOptions } from '../io.ts'
import { formatCount, formatTable } from '../text-table.ts'

/** `inspect PATH`: what a checkpoint is. */
export function addInspectCommand(program: Command, io: CliIo): void {
  const command = program
    .command('inspect')
    .description('say what a checkpoint is: its network, what each exit costs, its tensors')
    .argument('<path>', 'a run folder or a checkpoint file')
    .option('--tensors', 'list every tensor')
  addOutputOptions(command).action(async (path: string, options: CommonOptions & { tensors?: boolean }) => {
    const context = createContext(io, options)
    const result = await context.ask((engine, callOptions) => engine.inspect({ path }, callOptions))
    await context.print(result, () => describeInspection(result, options.tensors ?? false))
  })
}

function describeInspection(result: EngineResult<'inspect'>, withTensors: boolean): string {
  const facts = formatTable(
    ['checkpoint', ''],
    [
      ['format', result.format],
      [
        'network',
        `${result.title ?? `${result.family}${result.depth || ''}`}, width ${result.width}, ${result.classes} classes`
      ],
      ['exit heads', result.heads],
      ['input channels', `${result.inputChannels}`],
      ['deepest exit', `${formatCount(result.parameters)} parameters`],
      ['multiply-adds', formatCount(result.multiplyAdds)]
    ]
  )
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
    result.tensors.map(({ name, shape, dtype }) => [name, shape.join(' x ') || 'scalar', dtype])
  )
  const counted = `${result.tensors.length} tensors; --tensors lists them.\n`
  return [facts, exits, withTensors ? tensors : counted].join('\n')
}
