import { resolve } from 'node:path'
import { Option, type Command } from 'commander'
import { z } from 'zod'
import { engineCalls, type EngineResult } from '../../../src-shared/contract.ts'
import { createContext } from '../command-context.ts'
import { addOutputOptions } from '../common-options.ts'
import type { CliIo, CommonOptions } from '../io.ts'
import { numberOption, wordOption } from '../option-values.ts'
import { formatCount, formatTable } from '../text-table.ts'

type Summary = EngineResult<'addDataset'>
type AddOptions = CommonOptions & { size?: number; labels?: 'fine' | 'coarse'; copy?: boolean }

const addHelp = `
Read are IDX files (MNIST and its kin), CIFAR-10 and CIFAR-100 (binary or Python), NumPy arrays (.npz, .npy), and folders
of PNG and JPEG images, one folder a class. docs/data.md says how they must lie.

Examples:
  autodidact data add cifar10 ~/data/cifar-10-batches-bin
  autodidact data add cifar20 ~/data/cifar-100-python --labels coarse
  autodidact data add pets ~/pictures/pets --size 64`

/** `data list`, `data add NAME PATH`, `data remove NAME`: the data sets known by name. */
export function addDataCommand(program: Command, io: CliIo): void {
  const data = program.command('data').description('data sets')
  addList(data, io)
  addAdd(data, io)
  addRemove(data, io)
}

function addList(data: Command, io: CliIo): void {
  const list = data.command('list').description('list the data sets known by name; any other is named by its folder')
  addOutputOptions(list).action(async (options: CommonOptions) => {
    const context = createContext(io, options)
    const datasets = await context.ask((engine, callOptions) => engine.listDatasets({}, callOptions))
    await context.print(datasets, () => describe(datasets))
  })
}

function addAdd(data: Command, io: CliIo): void {
  const { size, labels } = engineCalls.addDataset.request.shape
  const sizeOption = new Option('--size <pixels>', 'side that the images of a folder are resized to (default: 32)')
  const labelsOption = new Option('--labels <kind>', "which of CIFAR-100's labels: fine, coarse (default: fine)")
  const add = data
    .command('add')
    .description('give a data set a name')
    .argument('<name>', 'how it is called from now on')
    .argument('<path>', 'its folder, or an .npz file')
    .addOption(sizeOption.argParser(numberOption('--size', size.unwrap())))
    .addOption(labelsOption.argParser(wordOption('--labels', z.enum(labels.unwrap().options))))
    .option('--copy', "copy its files into the lab's folder")
  addOutputOptions(add)
    .addHelpText('after', addHelp)
    .action(async (name: string, path: string, options: AddOptions) => {
      const context = createContext(io, options)
      const request = {
        ...{ name, path: resolve(path), size: options.size ?? null, labels: options.labels ?? null },
        copy: options.copy ?? false
      }
      const added = await context.ask((engine, callOptions) => engine.addDataset(request, callOptions))
      await context.print(added, () => `${describe([added])}${describeMore(added)}`)
    })
}

function addRemove(data: Command, io: CliIo): void {
  const remove = data
    .command('remove')
    .description('forget a data set; its files stay, unless they are the copy that add --copy made')
    .argument('<name>', 'its name in the list')
  addOutputOptions(remove).action(async (name: string, options: CommonOptions) => {
    const context = createContext(io, options)
    const removed = await context.ask((engine, callOptions) => engine.removeDataset({ name }, callOptions))
    await context.print(removed, () =>
      removed.isDeleted
        ? `${removed.name} is forgotten, and the lab's copy ${removed.path} is deleted.\n`
        : `${removed.name} is forgotten; ${removed.path} stays as it is.\n`
    )
  })
}

/** Names of folders may hold what a terminal would obey. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd')

function describe(datasets: readonly Summary[]): string {
  const rows = datasets.map(({ name, classes, trainCount, testCount, shape, licence, format, path }) => {
    const counts = [formatCount(trainCount), formatCount(testCount), `${classes.length}`]
    return [name, ...counts, shape.join(' x '), licence, format, printable(path)]
  })
  return formatTable(['name', 'train', 'test', 'classes', 'image', 'licence', 'format', 'folder'], rows)
}

function describeMore({ classes, mean, deviation, inputSize }: Summary): string {
  const numbers = (values: readonly number[] | null) => (values ?? []).map((value) => value.toFixed(4)).join(', ')
  const first = printable(classes.slice(0, 20).join(', '))
  const names = classes.length > 20 ? `${first} and ${classes.length - 20} more` : first
  return [
    `Classes: ${names}.`,
    `Mean ${numbers(mean)}, deviation ${numbers(deviation)} of the train split; networks see ${inputSize} x ${inputSize} pixels.`,
    ''
  ].join('\n')
}
