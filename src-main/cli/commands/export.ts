import type { Command } from 'commander'
import { createContext } from '../command-context.ts'
import { addOutputOptions } from '../common-options.ts'
import type { CliIo, CommonOptions } from '../io.ts'
import { formatCount } from '../text-table.ts'

/** `export PATH --out F.safetensors|DIR`: converts a checkpoint. */
export function addExportCommand(program: Command, io: CliIo): void {
  const command = program
    .command('export')
    .description('write a checkpoint as safetensors')
    .argument('<path>', 'a run folder or a checkpoint file')
    .requiredOption('--out <file>', 'a .safetensors file, or a folder')
  addOutputOptions(command).action(async (path: string, options: CommonOptions & { out: string }) => {
    const context = createContext(io, options)
    const request = { path, out: options.out }
    const result = await context.ask((engine, callOptions) => engine.exportCheckpoint(request, callOptions))
    await context.print(result, () => `${result.out} (${formatCount(result.bytes)} bytes)\n`)
  })
}
