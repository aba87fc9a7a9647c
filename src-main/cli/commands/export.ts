import { Option, type Command } from 'commander'
import { z } from 'zod'
import { exportFormats, type ExportFormat } from '../../../src-shared/contract.ts'
import { createContext } from '../command-context.ts'
import { addOutputOptions } from '../common-options.ts'
import type { CliIo, CommonOptions } from '../io.ts'
import { wordOption } from '../option-values.ts'
import { formatCount } from '../text-table.ts'

type ExportOptions = CommonOptions & { out: string; format?: ExportFormat }

/** `export PATH --out F.safetensors|F.pth|DIR`: converts a checkpoint. */
export function addExportCommand(program: Command, io: CliIo): void {
  const format = new Option('--format <name>', `${exportFormats.join(', ')} (default: as the name of --out ends)`)
  const command = program
    .command('export')
    .description('write a checkpoint as safetensors, as a PyTorch .pth, or as a folder for tfjs')
    .argument('<path>', 'a run folder or a checkpoint file')
    .requiredOption('--out <file>', 'a .safetensors, .pth or .pt file, or a folder')
    .addOption(format.argParser(wordOption('--format', z.enum(exportFormats))))
    .addHelpText('after', '\nExample:\n  autodidact export runs/first --out first.pth')
  addOutputOptions(command).action(async (path: string, options: ExportOptions) => {
    const context = createContext(io, options)
    const request = { path, out: options.out, ...(options.format && { format: options.format }) }
    const result = await context.ask((engine, callOptions) => engine.exportCheckpoint(request, callOptions))
    await context.print(result, () => `${result.out} (${formatCount(result.bytes)} bytes)\n`)
  })
}
