import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runProgram } from './run-program.mjs'
import { runAfterSetup } from './setup.mjs'
import { selectsBrowserTests } from './setup/browser-tests.mjs'
import { ensureChromium } from './setup/chromium.mjs'
import { createContext } from './setup/context.mjs'
import { decideStatus, describeSkipped, formatTally } from './tally.mjs'

// `npm test`: set-up where needed, a Chromium if a test in a browser is among those chosen, then Vitest with the arguments
// given; the last line counts the tests, those before name what was skipped.
const tools = dirname(fileURLToPath(import.meta.url))
const root = dirname(tools)

function readTally(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    process.stderr.write('The test run broke off before its tests could be counted.\n')
    return { passed: 0, failed: 1, skipped: 0, skippedNames: [] }
  }
}

/** The environment of the tests: with the path of a Chromium, where there is one. */
function prepareBrowser(args) {
  const isNeeded = selectsBrowserTests(root, args)
  const { path, reason } = ensureChromium(createContext(root), { mayInstall: isNeeded })
  if (reason && isNeeded) process.stderr.write(`${reason}\n`)
  return path ? { CHROMIUM_PATH: path } : {}
}

async function runTests() {
  const args = process.argv.slice(2)
  const folder = mkdtempSync(join(tmpdir(), 'autodidact-tally-'))
  const file = join(folder, 'tally.json')
  const reporters = ['--reporter=default', `--reporter=${join(tools, 'tally-reporter.mjs')}`]
  const env = { ...process.env, ...prepareBrowser(args), AUTODIDACT_TALLY: file }
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const status = await runProgram(vitest, ['run', ...reporters, ...args], { cwd: root, env })
  const tally = readTally(file)
  rmSync(folder, { recursive: true, force: true })
  for (const line of describeSkipped(tally.skippedNames)) process.stderr.write(`${line}\n`)
  process.stdout.write(`${formatTally(tally)}\n`)
  return decideStatus(status, tally)
}

process.exitCode = await runAfterSetup(runTests)
