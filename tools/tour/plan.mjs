import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The probes of the tour with their options: small enough that each takes seconds. */
const probes = [
  { kind: 'history', options: [] },
  { kind: 'embedding', options: ['--limit', '500'], compares: true },
  { kind: 'discriminativeness', options: ['--limit', '1000'], compares: true },
  { kind: 'flatness', options: ['--protocol', 'b', '--draws', '3', '--limit', '300'], compares: true },
  { kind: 'gradients', options: ['--limit', '128'], compares: true }
]
const network = ['--network', 'resnet18', '--width', '8', '--method', 'self-distillation']
const data = ['--data', 'fashion-mnist', '--limit', '6000', '--epochs', '3']

/** Kinds of the reports, in the order in which they are made. */
export const kinds = probes.map(({ kind }) => kind)

/** Where the tour in the folder `out` keeps what it makes. */
export const runFolder = (out) => join(out, 'run')
export const reportFile = (out, kind) => join(out, `${kind}.json`)
export const figureFile = (out, kind, extension) => join(out, 'figures', `${kind}.${extension}`)

/** Whether the run in `folder` has done all of its epochs. */
export function isTrained(folder) {
  try {
    const read = (...path) => JSON.parse(readFileSync(join(folder, ...path), 'utf8'))
    const newest = readdirSync(join(folder, 'checkpoints'))
      .filter((name) => /^\d+-\d+$/.test(name))
      .sort()
      .at(-1)
    return read('checkpoints', newest ?? '', 'progress.json').epochsDone >= read('manifest.json').config.epochs
  } catch {
    return false
  }
}

/**
 * All steps of a tour: what it says, the arguments of the command line, the paths that it reads of earlier steps, and
 * the path that it makes. `baseline` is the checkpoint to compare with, or null.
 */
export function planTour(out, baseline) {
  const run = runFolder(out)
  const isBegun = existsSync(join(run, 'manifest.json'))
  const training = {
    title: isBegun ? 'Go on with the training' : 'Train a self-distilled network',
    args: isBegun ? ['train', '--resume', run] : ['train', ...network, ...data, '--out', run],
    needs: [],
    makes: run,
    isDone: isTrained(run)
  }
  const steps = probes.flatMap(({ kind, options, compares }) => {
    const paths = compares && baseline ? [run, baseline] : [run]
    const names =
      compares && baseline ? ['--name', 'self-distilled', '--name', 'baseline'] : ['--name', 'self-distilled']
    const report = reportFile(out, kind)
    const probe = {
      title: `Probe: ${kind}`,
      args: ['probe', kind, ...paths, ...names, ...options, '--out', report],
      needs: [run],
      makes: report,
      isDone: existsSync(report)
    }
    const figures = ['svg', 'png'].map((extension) => {
      const file = figureFile(out, kind, extension)
      return {
        title: `Figure: ${kind} as ${extension.toUpperCase()}`,
        args: ['figure', report, '--out', file],
        needs: [report],
        makes: file,
        isDone: existsSync(file)
      }
    })
    return [probe, ...figures]
  })
  return [training, ...steps]
}

/** The steps still to do: what is not there yet, and what is made of something that is made again. */
export function findDue(steps) {
  const made = new Set()
  return steps.filter(({ needs, makes, isDone }) => {
    const isDue = !isDone || needs.some((path) => made.has(path))
    if (isDue) made.add(makes)
    return isDue
  })
}
