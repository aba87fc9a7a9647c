import type { Command } from 'commander'
import type { EngineResult } from '../../../src-shared/contract.ts'
import { createContext } from '../command-context.ts'
import { addSeedOptions } from '../common-options.ts'
import { addDataOptions, selectData, type DataOptions } from '../data-options.ts'
import type { CliIo, CommonOptions } from '../io.ts'
import { formatPercent, formatTable } from '../text-table.ts'

const rowsShown = 20

/** `predict PATH (data)`: what every exit says of every image. */
export function addPredictCommand(program: Command, io: CliIo): void {
  const command = program
    .command('predict')
    .description('give the output of every exit: logits and features with --json, predicted classes otherwise')
    .argument('<path>', 'a run folder or a checkpoint file')
    .addHelpText('after', '\nExample:\n  autodidact predict net.safetensors --images x.f32 --shape 20,32,32,3 --json')
  addSeedOptions(addDataOptions(command)).action(async (path: string, options: CommonOptions & DataOptions) => {
    const context = createContext(io, options)
    const request = { path, data: selectData(options, { needsLabels: false }), seed: options.seed ?? 0 }
    const result = await context.ask((engine, callOptions) => engine.predict(request, callOptions))
    await context.print(result, () => describePrediction(result))
  })
}

function describePrediction({ exits, ensemble }: EngineResult<'predict'>): string {
  const columns = [...exits.map(({ logits }) => logits), ensemble.logits]
  const headings = ['image', ...exits.map(({ exit }) => `exit ${exit}`), 'ensemble']
  const count = ensemble.logits.length
  const rows = Array.from({ length: Math.min(count, rowsShown) }, (_, image) => [
    `${image}`,
    ...columns.map((rowsOfExit) => describeLogits(rowsOfExit[image] ?? []))
  ])
  const rest = count > rowsShown ? `${count - rowsShown} more images; --json gives all.\n` : ''
  return formatTable(headings, rows) + rest
}

/** The class with the largest logit and its softmax probability. */
function describeLogits(logits: number[]): string {
  const most = Math.max(...logits)
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - most), 0)
  return `class ${logits.indexOf(most)} (${formatPercent(1 / sum)})`
}
