import type { Command } from 'commander'
import { formatReport, reportVersion } from '../../../src-shared/report-file.ts'
import { probeKinds, type ProbeKind } from '../../../src-shared/reports.ts'
import { createContext } from '../command-context.ts'
import { expandFolders } from '../expand-folders.ts'
import type { CliIo, CommonOptions } from '../io.ts'
import { collect } from '../option-values.ts'
import { requireWritable, writeOutput } from '../output-file.ts'
import { nameSubjects, probeCommands, type ProbeOptions } from '../probe-requests.ts'
import { summarizeReport } from '../report-summary.ts'

type Options = CommonOptions & ProbeOptions & { out?: string; name?: string[]; group?: string[]; role?: string[] }

const help = `
Several checkpoints are compared in one report; of a folder of checkpoints of one run, each of them. Without --out and --json, the main numbers are printed.

Examples:
  autodidact probe discriminativeness runs/first runs/baseline --out classes.json
  autodidact probe embedding runs/first --method pca --limit 500 --out map.json
  autodidact probe gradients net.safetensors --images x.f32 --shape 20,32,32,3 --labels 0,1,2,...
  autodidact figure classes.json --out classes.pdf`

/** `probe KIND PATH... (data) --out REPORT.json`: runs a probe. */
export function addProbeCommand(program: Command, io: CliIo): void {
  const probe = program.command('probe').description('measure trained networks').addHelpText('after', help)
  for (const kind of probeKinds) addKind(probe, kind, io)
}

function addKind(probe: Command, kind: ProbeKind, io: CliIo): void {
  const { description, addOptions, request } = probeCommands[kind]
  const command = probe
    .command(kind)
    .description(description)
    .argument('<path...>', 'run folders, checkpoint files, or folders of checkpoints of one run')
    .option('--out <report.json>', 'write the report')
    .option('--name <text>', 'name in legends, once per checkpoint', collect)
    .option('--group <text>', 'checkpoints of one group differ in their seed only; once per checkpoint', collect)
    .option('--role <text>', 'for instance baseline; once per checkpoint', collect)
  addOptions(command).action(async (paths: string[], options: Options) => {
    const context = createContext(io, options)
    const checked = request(await expandFolders(nameSubjects(paths, options), context), options)
    if (options.out !== undefined) await requireWritable(options.out)
    const report = await context.ask((engine, callOptions) => engine.runProbe(kind, checked, callOptions))
    if (options.out !== undefined) await writeOutput(options.out, formatReport(report))
    if (options.json || options.out === undefined)
      await context.print({ version: reportVersion, ...report }, () => summarizeReport(report))
    if (options.out !== undefined) await context.say(`Wrote ${options.out}.`)
  })
}
