import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runProgram } from './run-program.mjs'
import { runAfterSetup } from './setup.mjs'

// `npm start`: set-up where needed, then the tour; arguments go to the tour.
const tour = join(dirname(fileURLToPath(import.meta.url)), 'tour.mjs')

process.exitCode = await runAfterSetup(() => {
  if (existsSync(tour)) return runProgram(tour, process.argv.slice(2))
  process.stderr.write('Set-up is done; try `node out/cli.js --help`.\n')
  return 0
})
