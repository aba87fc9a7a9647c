import type { Command } from 'commander'
import { createContext } from '../command-context.ts'
import { addSeedOptions } from '../common-options.ts'
import { addDataOptions, selectData, type DataOptions } from '../data-options.ts'
import { formatExits } from '../exits-table.ts'
import type { CliIo, CommonOptions } from '../io.ts'

/** `evaluate PATH (data)`: accuracy and loss of every exit. */
export function addEvaluateCommand(program: Command, io: CliIo): void {
  const command = program
    .command('evaluate')
    .description('measure accuracy and loss of every exit and of their ensemble')
    .argument('<path>', 'a run folder or a checkpoint file')
    .addHelpText('after', '\nExample:\n  autodidact evaluate runs/first --data fashion-mnist --split test --limit 1000')
  addSeedOptions(addDataOptions(command)).action(async (path: string, options: CommonOptions & DataOptions) => {
    const context = createContext(io, options)
    const request = { path, data: selectData(options, { needsLabels: true }), seed: options.seed ?? 0 }
    const result = await context.ask((engine, callOptions) => engine.evaluate(request, callOptions))
    await context.print(result, () => formatExits(result))
  })
}
