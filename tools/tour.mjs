import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { createCommandLine, quoteForShell } from './tour/command-line.mjs'
import { runAfterSetup } from './setup.mjs'
import { describeTour } from './tour/guide.mjs'
import { findDue, planTour } from './tour/plan.mjs'

// `npm run tour`: trains a small self-distilled network on real data, measures it next to a shipped baseline and draws the
// figures, all through the command line, after set-up. A tour that was cut off goes on where it was.
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const cli = join(root, 'out', 'cli.js')
const baselineName = 'clean-baseline-0'
const interruptedStatus = 130

const say = (...lines) => process.stdout.write(`${lines.join('\n')}\n`)
const complain = (sentence) => process.stderr.write(`${sentence}\n`)
const fromHere = (path) => relative('', path) || '.'

function readOut(args) {
  const { values } = parseArgs({ args, options: { out: { type: 'string', default: join('runs', 'tour') } } })
  if (!values.out) throw new Error('--out needs the name of a folder.')
  return values.out
}

/** The shipped baseline's checkpoint as seen from here, and how it was made; nulls where the sample is missing. */
function findBaseline() {
  const file = (extension) => join(root, 'resources', 'samples', `${baselineName}.${extension}`)
  if (!existsSync(file('safetensors'))) return { path: null, record: null }
  const record = existsSync(file('json')) ? JSON.parse(readFileSync(file('json'), 'utf8')) : null
  return { path: fromHere(file('safetensors')), record }
}

async function runSteps(due, out) {
  const { run, wasInterrupted } = createCommandLine(cli)
  for (const [index, { title, args }] of due.entries()) {
    say('', `${index + 1} of ${due.length}. ${title}`, `$ autodidact ${quoteForShell(args)}`)
    const status = wasInterrupted() ? interruptedStatus : await run(args)
    if (status === 0) continue
    if (status === interruptedStatus || wasInterrupted()) {
      complain(`Stopped. What was done is kept in ${fromHere(out)}; the next start goes on from there.`)
      return interruptedStatus
    }
    complain(
      `The tour ends here (see above). To start it afresh, delete ${fromHere(out)}, or name another folder by --out.`
    )
    return status
  }
  return 0
}

/** Runs the tour with the arguments of its program; gives the exit status. */
export async function runTour(args) {
  let out
  try {
    out = readOut(args)
  } catch (error) {
    complain(`${error.message.split(/\.\s/)[0].replace(/\.$/, '')}. Usage: npm run tour [-- --out DIR]`)
    return 2
  }
  try {
    mkdirSync(join(out, 'figures'), { recursive: true })
  } catch (error) {
    complain(`The folder ${out} cannot be made (${error.code}); name another one by --out.`)
    return 1
  }
  const baseline = findBaseline()
  const due = findDue(planTour(out, baseline.path))
  if (due.length > 0) {
    say(`A tour on real data, in ${due.length} commands; autodidact stands for: node ${fromHere(cli)}`)
    if (!baseline.path) say(`The sample ${baselineName} is not here, so the network is shown alone.`)
    const status = await runSteps(due, out)
    if (status !== 0) return status
    say('')
  }
  say(...describeTour(out, baseline.record))
  return 0
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = await runAfterSetup(() => runTour(process.argv.slice(2)), { wants: { build: ['node'] } })
}
