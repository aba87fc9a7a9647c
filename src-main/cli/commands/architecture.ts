import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { z } from 'zod'
import type { EngineResult } from '../../../src-shared/contract.ts'
import { UsageError } from '../../../src-shared/errors.ts'
import { customNetwork, ownWidth, paperWidth } from '../../../src-shared/networks/find-network.ts'
import { networkForms, type NetworkForm } from '../../../src-shared/networks/families/family.ts'
import { headNames, type HeadName } from '../../../src-shared/networks/network-spec.ts'
import { readNetworkFile } from '../../../src-shared/networks/read-network-file.ts'
import { namedArchitectureSchema, networkChoiceSchema, type NetworkChoice } from '../../../src-shared/run-config.ts'
import { explainFileError } from '../../file-errors.ts'
import { createContext } from '../command-context.ts'
import { addOutputOptions } from '../common-options.ts'
import type { CliIo, CommonOptions } from '../io.ts'
import { numberOption, wordOption } from '../option-values.ts'
import { printable } from '../printable.ts'
import { formatTable } from '../text-table.ts'

type Options = CommonOptions & {
  network: string
  width?: number
  form?: NetworkForm
  head?: HeadName
  keys?: string
  save?: boolean
}

const help = `
A file of keys says how the file's layers are called: {"layer1": "encoder.stage1", "fc": "head"}; names by which several
begin count for all of them, and the longest decides. Without one, layers are matched by name, else by order and shape.
--save keeps it beside the checkpoint, and in the lab for other files with tensors of the same names and shapes.

Examples:
  autodidact architecture net.pth --network resnet18
  autodidact architecture net.pth --network mine.json --keys keys.json --save`

/** `architecture PATH --network N`: names the network whose tensors a file holds. */
export function addArchitectureCommand(program: Command, io: CliIo): void {
  const { width } = networkChoiceSchema.shape
  const command = program
    .command('architecture')
    .description('name the network whose tensors a checkpoint holds, where it is not recognised')
    .argument('<path>', 'a checkpoint file')
    .requiredOption('--network <name-or-file>', 'a network by name, or its description, a .json file')
    .option('--width <n>', 'channels of the first stage (default: as in its paper)', numberOption('--width', width))
    .option('--form <form>', 'its stem: cifar, imagenet', wordOption('--form', z.enum(networkForms)))
    .option('--head <head>', `its exit heads: ${headNames.join(', ')}`, wordOption('--head', z.enum(headNames)))
    .option('--keys <file.json>', 'how its layers are called in the file')
    .option('--save', 'keep it: the checkpoint opens as this network from now on')
  addOutputOptions(command)
    .addHelpText('after', help)
    .action(async (path: string, options: Options) => {
      const context = createContext(io, options)
      const request = {
        path,
        network: await readChoice(options),
        keys: options.keys === undefined ? null : await readKeys(options.keys),
        save: options.save ?? false
      }
      const result = await context.ask((engine, callOptions) => engine.nameArchitecture(request, callOptions))
      await context.print(result, () => describe(path, result))
    })
}

/** A network by name, or from a file. Throws UsageError or UserError where it is none. */
async function readChoice({ network, width, form, head }: Options): Promise<NetworkChoice> {
  const more = { ...(form ? { form } : {}), ...(head ? { head } : {}) }
  if (!network.endsWith('.json')) return { name: network, width: width ?? paperWidth(network), ...more }
  const spec = readNetworkFile(await readText(network), network)
  return { name: customNetwork, spec, width: width ?? ownWidth(spec), ...more }
}

async function readKeys(path: string): Promise<Record<string, string>> {
  const text = await readText(path)
  try {
    return namedArchitectureSchema.shape.keys.parse(JSON.parse(text))
  } catch {
    throw new UsageError(`${path} is not a file of keys: a JSON object of names, for instance {"fc": "head"}.`)
  }
}

const readText = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((error: unknown) => {
    throw explainFileError(error, path)
  })

function describe(path: string, result: EngineResult<'nameArchitecture'>): string {
  const { description, misfit, layers, unexpected, keysFrom, savedIn } = result
  const shape = (sides: number[] | null) => sides?.join(' x ') ?? ''
  const rows = layers.map(({ layer, file, state, shape: needed, found }) => [
    layer,
    printable(file),
    { found: '', missing: 'missing', reshaped: `${shape(found)}, needs ${shape(needed)}` }[state]
  ])
  const others = unexpected.map((name) => printable(name)).join('\n  ')
  return [
    formatTable(['layer', 'in the file', ''], rows),
    others ? `\nNot in this network:\n  ${others}\n` : '',
    misfit ? `\n${path} ${misfit}\n` : `\n${path} is ${description}.\n`,
    keysFrom === 'guess' && !misfit
      ? 'Which layer is which is a guess, by shapes alone; --json gives the keys to check.\n'
      : '',
    savedIn ? `Kept in ${savedIn}.\n` : ''
  ].join('')
}
