// Training time against PyTorch's, interleaved: `node tests/bench/training-time.mjs [--limit N] [--epochs E] [--rounds R]`.
//
// PYTHON names a Python with torch and numpy (a virtual environment outside the repository). Prints every run, then the
// medians and their ratio. Both sides train ResNet18 of width 8 by self-distillation and test on 10,000 images after
// every epoch; starting the programs and reading the data is left out on both sides.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const cli = fileURLToPath(new URL('../../out/cli.js', import.meta.url))
const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? fallback : Number(process.argv[at + 1])
}
const limit = option('limit', 3000)
const epochs = option('epochs', 1)
const rounds = option('rounds', 3)
const crop = option('crop', 1)
const folder = mkdtempSync(join(tmpdir(), 'autodidact-bench-'))

function run(program, args) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed: ${stderr}`)
  return stdout
}

/** Wall time from the first step to the last test, read off the run's own files. */
function ours(round) {
  const out = join(folder, `run-${round}`)
  const augmentation = crop ? ['--crop-padding', String(crop)] : ['--no-augment']
  const size = ['--width', '8', '--limit', String(limit), '--epochs', String(epochs), '--seed', String(round)]
  const started = performance.now()
  const result = JSON.parse(run(process.execPath, [cli, 'train', ...size, ...augmentation, '--out', out, '--json']))
  const whole = (performance.now() - started) / 1000
  const { createdAt } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'))
  const before = (Date.parse(createdAt) - (performance.timeOrigin + started)) / 1000
  return { seconds: whole - before, accuracy: result.exits.map(({ accuracy }) => accuracy) }
}

const theirs = (round) =>
  JSON.parse(
    run(process.env.PYTHON ?? 'python3', [join(here, 'train_torch.py'), ...[limit, epochs, 8, crop, round].map(String)])
  )

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)]
const times = { ours: [], theirs: [] }
try {
  for (let round = 0; round < rounds; round++)
    for (const [name, side] of Object.entries({ ours, theirs })) {
      const { seconds, accuracy, torch } = side(round)
      times[name].push(seconds)
      const label = torch ? `PyTorch ${torch}` : 'Autodidact'
      console.log(
        `${label}: ${seconds.toFixed(1)} s, exits ${accuracy.map((share) => (100 * share).toFixed(2)).join(' ')} %`
      )
    }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const ratios = times.ours.map((seconds, round) => seconds / times.theirs[round])
console.log(`${cpus().length} x ${cpus()[0].model}, Node ${process.versions.node}`)
console.log(`median ours ${median(times.ours).toFixed(1)} s, PyTorch ${median(times.theirs).toFixed(1)} s`)
console.log(
  `ratio: median ${median(ratios).toFixed(2)}, from ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`
)
