import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runProgram } from './run-program.mjs'
import { runAfterSetup } from './setup.mjs'
import { decideStatus, formatTally } from './tally.mjs'

// `npm test`: set-up where needed, then Vitest with the arguments given; the last line counts the tests.
const tools = dirname(fileURLToPath(import.meta.url))
const root = dirname(tools)

function readTally(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    process.stderr.write('The test run broke off before its tests could be counted.\n')
    return { passed: 0, failed: 1, skipped: 0 }
  }
}

async function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'autodidact-tally-'))
  const file = join(folder, 'tally.json')
  const reporters = ['--reporter=default', `--reporter=${join(tools, 'tally-reporter.mjs')}`]
  const env = { ...process.env, AUTODIDACT_TALLY: file }
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const status = await runProgram(vitest, ['run', ...reporters, ...process.argv.slice(2)], { cwd: root, env })
  const tally = readTally(file)
  rmSync(folder, { recursive: true, force: true })
  process.stdout.write(`${formatTally(tally)}\n`)
  return decideStatus(status, tally)
}

process.exitCode = await runAfterSetup(runTests)
