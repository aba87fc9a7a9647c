import type { Command } from 'commander'
import { createContext } from '../command-context.ts'
import { addOutputOptions } from '../common-options.ts'
import type { CliIo, CommonOptions } from '../io.ts'
import { formatCount, formatTable } from '../text-table.ts'

/** `data list`: the data sets known by name. */
export function addDataCommand(program: Command, io: CliIo): void {
  const data = program.command('data').description('data sets')
  const list = data.command('list').description('list the data sets known by name; any other is named by its folder')
  addOutputOptions(list).action(async (options: CommonOptions) => {
    const context = createContext(io, options)
    const datasets = await context.ask((engine, callOptions) => engine.listDatasets({}, callOptions))
    await context.print(datasets, () => {
      const rows = datasets.map(({ name, classes, trainCount, testCount, shape, licence, path }) => {
        const counts = [formatCount(trainCount), formatCount(testCount), `${classes.length}`]
        return [name, ...counts, shape.join(' x '), licence, path]
      })
      return formatTable(['name', 'train', 'test', 'classes', 'image', 'licence', 'folder'], rows)
    })
  })
}
