import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { UsageError } from '../../src-shared/errors.ts'
import { packageRoot } from '../package-root.ts'
import { addArchitectureCommand } from './commands/architecture.ts'
import { addDataCommand } from './commands/data.ts'
import { addDiffCommand } from './commands/diff.ts'
import { addDoctorCommand } from './commands/doctor.ts'
import { addEvaluateCommand } from './commands/evaluate.ts'
import { addExportCommand } from './commands/export.ts'
import { addFigureCommand } from './commands/figure.ts'
import { addInspectCommand } from './commands/inspect.ts'
import { addJobsCommand } from './commands/jobs.ts'
import { addPredictCommand } from './commands/predict.ts'
import { addPreprocessingCommand } from './commands/preprocessing.ts'
import { addProbeCommand } from './commands/probe.ts'
import { addServeCommand } from './commands/serve.ts'
import { addTrainCommand } from './commands/train.ts'
import { writeText, type CliIo } from './io.ts'
import { explainError } from './report-error.ts'

const examples = `
Examples:
  autodidact doctor
  autodidact train --network resnet18 --width 16 --epochs 12 --out runs/first
  autodidact evaluate runs/first
  autodidact probe flatness runs/first runs/baseline --out flatness.json
  autodidact figure flatness.json --out flatness.pdf

Results go to stdout, progress and messages to stderr. Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.`

function version(): string {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }
  return version
}

/** An empty text is what a shell makes of an unset variable; no path, name or number is empty. */
function refuseEmpty(command: Command): void {
  const index = command.args.indexOf('')
  const argument = command.registeredArguments[Math.min(index, command.registeredArguments.length - 1)]
  if (index >= 0 && argument) throw new UsageError(`The argument ${argument.name()} must not be empty.`)
  for (const [name, value] of Object.entries(command.opts()))
    if (value === '' && name !== 'title') throw new UsageError(`--${name} must not be empty.`)
}

/** Runs the command line given after the program's name; returns the exit status and never throws. */
export async function runCli(argv: string[], io: CliIo): Promise<number> {
  const program = new Command('autodidact')
    .description('A lab for self-distilled neural networks.')
    .version(version())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      // Errors are told below, in our own words.
      outputError: () => {}
    })
    .addHelpText('after', examples)
  program.hook('preAction', (_program, command) => refuseEmpty(command))
  addDoctorCommand(program, io)
  addDataCommand(program, io)
  addTrainCommand(program, io)
  addInspectCommand(program, io)
  addDiffCommand(program, io)
  addPreprocessingCommand(program, io)
  addArchitectureCommand(program, io)
  addPredictCommand(program, io)
  addEvaluateCommand(program, io)
  addProbeCommand(program, io)
  addFigureCommand(program, io)
  addExportCommand(program, io)
  addServeCommand(program, io)
  addJobsCommand(program, io)
  try {
    await program.parseAsync(argv, { from: 'user' })
    return 0
  } catch (error) {
    const { status, sentence } = explainError(error)
    if (sentence) await writeText(io.stderr, `${sentence}\n`)
    if (argv.includes('--verbose') && status !== 0 && error instanceof Error)
      await writeText(io.stderr, `${error.stack ?? ''}\n`)
    return status
  }
}
