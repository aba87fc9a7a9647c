import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

/** What `npm start -- --help` prints. */
export const help = `Usage: npm start [-- [options] [PATH...]]

Sets up what is missing, then opens the lab, with the checkpoints PATH if any: in a window of its own where there is a
display and Electron, otherwise in the browser. A lab that is running already is shown.

  --served           open it in the browser in any case
  --port P           where to serve it; 0 finds a free port
  --retry-electron   try again to download Electron
  --help             this text

The tour through the command line: npm run tour`

const options = {
  served: { type: 'boolean', default: false },
  port: { type: 'string' },
  'retry-electron': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false }
}

/**
 * Reads the arguments of `npm start`; paths become absolute, seen from where it was typed. Throws an Error with one
 * sentence, its `status` 2 for wrong usage and 1 for a checkpoint that is not there.
 */
export function readArguments(args, { env, cwd }) {
  const fail = (sentence, status) => {
    throw Object.assign(new Error(sentence), { status })
  }
  let parsed
  try {
    parsed = parseArgs({ args, options, allowPositionals: true })
  } catch (error) {
    fail(`${error.message.split(/\.\s/)[0].replace(/\.$/, '')}; npm start -- --help lists the options.`, 2)
  }
  const { values, positionals } = parsed
  const { port } = values
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) {
    fail(`--port is ${JSON.stringify(port)}, but must be a whole number from 0 to 65535.`, 2)
  }
  // npm runs scripts in the package's folder and says where it was called.
  const from = env.npm_lifecycle_event === 'start' && env.INIT_CWD ? env.INIT_CWD : cwd
  const paths = positionals.map((path) => resolve(from, path))
  positionals.forEach((path, at) => {
    if (path === '') fail('The path of a checkpoint must not be empty.', 2)
    if (!existsSync(paths[at])) fail(`${path} does not exist; give the path of a checkpoint or a run.`, 1)
  })
  return {
    isServed: values.served || port !== undefined,
    port,
    isRetry: values['retry-electron'],
    isHelp: values.help,
    paths
  }
}
