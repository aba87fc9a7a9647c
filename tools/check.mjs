import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runProgram } from './run-program.mjs'
import { runAfterSetup } from './setup.mjs'

// `npm run check`: everything that must hold before a commit, one after the other, with a summary at the end.
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const installed = (path) => join(root, 'node_modules', path)
const typescript = installed('typescript/bin/tsc')

const steps = [
  ['format', installed('prettier/bin/prettier.cjs'), ['--check', '--log-level', 'warn', '.']],
  ['lint', installed('eslint/bin/eslint.js'), ['.', '--max-warnings', '0']],
  ['types', typescript, ['-p', 'tsconfig.json']],
  ['types of science', typescript, ['-p', 'tsconfig.science.json']],
  ['types of page tests', typescript, ['-p', 'tsconfig.page-tests.json']],
  ['types of components', installed('svelte-check/bin/svelte-check'), ['--tsconfig', 'tsconfig.web.json']],
  ['tests', join(root, 'tools', 'test.mjs'), []],
  ['build', join(root, 'tools', 'build.mjs'), ['--changed']],
  ['packaging', join(root, 'tools', 'check-packaging.mjs'), []]
]

async function runSteps() {
  const failed = []
  for (const [name, file, args] of steps) {
    process.stderr.write(`check: ${name}\n`)
    if ((await runProgram(file, args, { cwd: root })) !== 0) failed.push(name)
  }
  const verdict = failed.length === 0 ? 'all passed' : `failed: ${failed.join(', ')}`
  process.stdout.write(`check: ${steps.length} steps, ${verdict}\n`)
  return failed.length === 0 ? 0 : 1
}

// The build is a step of its own here, and the tests' set-up makes what they need.
process.exitCode = await runAfterSetup(runSteps, { wants: { build: [] } })
