import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { disturbedCores, waitForQuiet } from './machine.mjs'

const bench = fileURLToPath(new URL('..', import.meta.url))

/** The last line of a program's output, which is JSON. Throws where it isn't. */
export function lastJson(output) {
  const line = output.trimEnd().split('\n').at(-1)
  if (!line.startsWith('{')) throw new Error(`no result but ${JSON.stringify(line.slice(0, 200))}`)
  return JSON.parse(line)
}

/** Why a program failed: the last error that it wrote to stderr, else how it ended. */
export function reasonOf(stderr, status) {
  const named = stderr.split('\n').findLast((line) => /^\s*([\w.]*(Error|Exception)|Error)\b.*: /.test(line))
  return named?.trim().slice(0, 300) ?? `it ended with ${status}`
}

/** Runs a program to its end and gives its output. Throws an Error with the last line of its stderr where it fails. */
export function runProgram(program, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk) => (stdout += chunk))
    child.stderr.on('data', (chunk) => (stderr = (stderr + chunk).slice(-20_000)))
    child.on('error', reject)
    child.on('close', (status, signal) => {
      if (status === 0) resolve(stdout)
      else reject(new Error(reasonOf(stderr, signal ?? status)))
    })
  })
}

/** How long to wait for other programs to rest before each try, seconds. */
const patience = 30

/**
 * One round of a side: what it measured. Where other programs disturbed it, it is taken again, `tries` times in all, and
 * the quietest counts. `files` has the bundles of our programs.
 */
export async function runSide(side, settings, context) {
  let quietest = null
  for (let left = context.tries; left > 0; left--) {
    if (context.tries > 1) await waitForQuiet(patience)
    const result = await runOnce(side, settings, context)
    if (!quietest || result.othersCores < quietest.othersCores) quietest = result
    if (!(quietest.othersCores > disturbedCores)) break
  }
  return quietest
}

async function runOnce(side, settings, { python, files, folder }) {
  const argument = JSON.stringify({ ...settings, ...side.settings })
  const output = side.program.endsWith('.py')
    ? await runProgram(python, [join(bench, side.program), argument], {
        // Kept for the next round, and gone with the folder.
        TORCHINDUCTOR_CACHE_DIR: join(folder, 'inductor'),
        PYTHONDONTWRITEBYTECODE: '1'
      })
    : await runProgram(process.execPath, [files.get(side.program), argument])
  return lastJson(output)
}
