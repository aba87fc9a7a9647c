// Trains the shipped samples and measures them: `node tools/make-samples.mjs [name or group...]`, after set-up. Without
// names it makes all; with a group (`noisy`, `clean`) that group with its reports; with a sample's name that one alone.
//
// Everything in resources/samples is written by this program and the commands that it runs; a sample that is there
// already is left as it is, a run that was cut off goes on.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const cli = process.env.AUTODIDACT_CLI ?? join(root, 'out', 'cli.js')
const samples = join(root, 'resources', 'samples')
const runs = join(root, 'runs', 'samples')

const methods = ['baseline', 'deep-supervision', 'self-distillation']
const common = ['--network', 'resnet18', '--width', '8', '--data', 'fashion-mnist']
// Without augmentation, so that there is noise to memorise.
const noisy = ['--limit', '4000', '--label-noise', '0.4', '--epochs', '12', '--no-augment']
const clean = ['--epochs', '3']

/** Every sample: its name and the options of `train` that make it. */
const table = [
  ...[0, 1, 2].flatMap((seed) =>
    methods.map((method) => ({ name: `noisy-${method}-${seed}`, group: 'noisy', method, seed, options: noisy }))
  ),
  ...methods.map((method) => ({ name: `clean-${method}-0`, group: 'clean', method, seed: 0, options: clean }))
]

/** Probes whose reports are stored, per group of samples; `seeds` where not all of them are measured. */
const probes = [
  { kind: 'history', options: [] },
  { kind: 'embedding', options: ['--limit', '1000'], seeds: [0] },
  { kind: 'discriminativeness', options: ['--limit', '2000'] },
  { kind: 'flatness', options: ['--protocol', 'a,b,c', '--draws', '5', '--limit', '500'] },
  { kind: 'gradients', options: ['--limit', '256'] }
]

const wanted = process.argv.slice(2)
const isWanted = (name) => !wanted.length || wanted.includes(name)
const chosen = table.filter(({ name, group }) => isWanted(name) || isWanted(group))
for (const sample of chosen) trainSample(sample)
for (const group of ['noisy', 'clean'].filter(isWanted)) measure(group)

function trainSample({ name, method, seed, options }) {
  const file = join(samples, `${name}.safetensors`)
  if (existsSync(file)) return
  const run = join(runs, name)
  const args = [...common, '--method', method, ...options, '--seed', String(seed), '--out', join('runs/samples', name)]
  const result = existsSync(join(run, 'manifest.json'))
    ? autodidact(['train', '--resume', run, '--json'])
    : autodidact(['train', ...args, '--json'])
  const manifest = JSON.parse(readFileSync(join(run, 'manifest.json'), 'utf8'))
  mkdirSync(samples, { recursive: true })
  autodidact(['export', run, '--out', `${file}.part`])
  const { run: _, ...measured } = JSON.parse(result)
  const record = {
    command: `autodidact train ${args.join(' ')}`,
    result: measured,
    software: manifest.software,
    backend: manifest.backend,
    data: { name: manifest.data.name, hash: manifest.data.hash },
    createdAt: manifest.createdAt
  }
  writeFileSync(join(samples, `${name}.json`), `${JSON.stringify(record, null, 2)}\n`)
  renameSync(`${file}.part`, file)
}

/** Probes all samples of a group into one report per probe; figures in the report's order: method by method, seed by seed. */
function measure(group) {
  const members = methods.flatMap((method) => table.filter((one) => one.group === group && one.method === method))
  for (const { kind, options, seeds } of probes) {
    const report = join(samples, `${group}-${kind}.json`)
    if (existsSync(report)) continue
    const paths = members
      .filter(({ seed }) => !seeds || seeds.includes(seed))
      .map(({ name }) => relative(root, kind === 'history' ? join(runs, name) : join(samples, `${name}.safetensors`)))
    autodidact(['probe', kind, ...paths, ...options, '--out', report])
  }
}

/** Runs the command line and gives what it printed; its progress goes to the terminal. */
function autodidact(args) {
  console.error(`autodidact ${args.join(' ')}`)
  const { status, stdout } = spawnSync(process.execPath, [cli, ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit']
  })
  if (status !== 0) process.exit(status ?? 1)
  return stdout
}
