import { Option, type Command } from 'commander'
import { z } from 'zod'
import { backendNames, executors } from '../../src-shared/contract.ts'
import { runConfigSchema } from '../../src-shared/run-config.ts'
import { numberOption, wordOption } from './option-values.ts'

/** `--json`, `--quiet` and `--verbose`, which every command takes. */
export function addOutputOptions(command: Command): Command {
  return command
    .option('--json', 'print one JSON document on stdout and nothing else')
    .option('--quiet', 'no progress and no messages')
    .option('--verbose', 'show the stack of an error')
}

/** `--backend` and `--executor`, for a command that uses a network, and the output options. */
export function addBackendOptions(command: Command): Command {
  const backend = new Option('--backend <name>', `where to compute: ${backendNames.join(', ')} (default: the best)`)
  const executor = new Option('--executor <name>', `how native runs networks: ${executors.join(', ')} (default: graph)`)
  return addOutputOptions(
    command
      .addOption(backend.argParser(wordOption('--backend', z.enum(backendNames))))
      .addOption(executor.argParser(wordOption('--executor', z.enum(executors))))
  )
}

/** `--seed`, for a stochastic command, and all of the above. */
export function addSeedOptions(command: Command): Command {
  const seed = new Option('--seed <number>', 'seed of every random choice').default(0)
  return addBackendOptions(command.addOption(seed.argParser(numberOption('--seed', runConfigSchema.shape.seed))))
}
