import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Option, type Command } from 'commander'
import { z } from 'zod'
import { UserError } from '../../../src-shared/errors.ts'
import { explainFileError } from '../../file-errors.ts'
import { findLabHome, labHomeBelow } from '../../lab-home.ts'
import { createContext } from '../command-context.ts'
import { addBackendOptions } from '../common-options.ts'
import type { CliIo, CommonOptions } from '../io.ts'
import { numberOption } from '../option-values.ts'

type Options = CommonOptions & { root?: string; port: number }

const help = `
The lab answers on this machine only, at the address that is printed: the secret in it lets a browser in. From another
machine, pass the port on first (ssh -L 8017:127.0.0.1:8017 HOST), then open the same address there. Jobs go on while
no browser looks. Ctrl-C ends the lab; trainings keep their last checkpoint.

Examples:
  autodidact serve --root .
  autodidact serve --root ~/networks --port 0 net.safetensors`

/** `serve`: the lab in a browser, until Ctrl-C. */
export function addServeCommand(program: Command, io: CliIo): void {
  const command = program
    .command('serve')
    .description('serve the lab to a browser on this machine')
    .argument('[path...]', 'checkpoints to open')
    .option('--root <folder>', 'open files from this folder only, and keep the lab in its folder autodidact-lab')
  const port = new Option('--port <number>', 'where to listen; 0 finds a free port').default(8017)
  command.addOption(port.argParser(numberOption('--port', z.number().int().min(0).max(65_535))))
  addBackendOptions(command)
    .addHelpText('after', help)
    .action(async (paths: string[], options: Options) => {
      const context = createContext(io, options)
      const { home, roots } = await chooseHome(options.root)
      const { serveLab } = await import('../server/serve-lab.ts')
      const { close, ...lab } = await serveLab({
        ...{ home, roots, port: options.port, version: program.version() ?? '' },
        paths: paths.map((path) => resolve(path)),
        isVerbose: options.verbose ?? false,
        ...(options.backend && { backend: options.backend }),
        ...io.lab
      })
      await context.say(close ? `The lab of ${home} is here until Ctrl-C:` : `The lab of ${home} is running already:`)
      await context.print({ url: lab.url, home, pid: lab.pid }, () => `${lab.url}\n`)
      if (!close) return
      await untilAborted(io.signal)
      await context.say('Ending: what is in training keeps its last checkpoint.')
      await close()
    })
}

/** The folder of the lab that `--root` names, and where its files may come from; the user's own lab without it. */
export async function chooseHome(root: string | undefined): Promise<{ home: string; roots: string[] | null }> {
  if (root === undefined) return { home: findLabHome(), roots: null }
  const folder = resolve(root)
  try {
    if ((await stat(folder)).isDirectory()) return { home: labHomeBelow(folder), roots: [folder] }
  } catch (error) {
    throw explainFileError(error, root)
  }
  throw new UserError(`${root} is a file; --root takes a folder.`)
}

const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
