// The flatness probe as a user runs it: the file is opened, both splits are run for every sigma and draw.
import { runProbe } from '../../../src-main/engine/probes/run-probe.ts'
import { open, report, settings, timed, watch } from './side.ts'

const backend = await open()
const { weights, dataset, sigmas, draws } = settings
const measure = (chosen: number[], limit: number | null, split: 'test' | 'both') =>
  runProbe(backend, 'flatness', {
    checkpoints: [{ path: weights }],
    data: { kind: 'dataset', name: dataset, split: 'test', limit },
    seed: 0,
    sigmas: chosen,
    draws,
    protocols: ['b'],
    split
  })
// Reads the data set, which later probes find in memory.
await measure([], 100, 'test')
watch()
const { ms, value } = await timed(() => measure(sigmas, null, 'both'))
const undisturbed = value.checkpoints[0]!.exits.filter(({ sigma }) => sigma === 0)
const lossesOf = (split: string) => undisturbed.filter((point) => point.split === split).map(({ loss }) => loss.mean)
report(backend, [ms], [...lossesOf('test'), ...lossesOf('train')])
