import type { Command } from 'commander'
import { createContext } from '../command-context.ts'
import { addOutputOptions } from '../common-options.ts'
import type { CliIo, CommonOptions } from '../io.ts'
import { formatTable } from '../text-table.ts'

/** `doctor`: which backends work here. */
export function addDoctorCommand(program: Command, io: CliIo): void {
  const command = program
    .command('doctor')
    .description('say which backends work here, which one is used, and how to get a better one')
  addOutputOptions(command).action(async (options: CommonOptions) => {
    const context = createContext(io, options)
    const result = await context.ask((engine, callOptions) => engine.doctor({}, callOptions))
    await context.print(result, () => {
      const rows = result.backends.map(({ name, available, device, version, reason }) => {
        const state = available ? (name === result.chosen ? 'used' : 'works') : 'missing'
        return [name, state, device || '-', version || '-', reason]
      })
      return formatTable(['backend', 'state', 'device', 'version', 'remark'], rows)
    })
  })
}
