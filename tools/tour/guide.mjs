import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { figureFile, kinds, reportFile } from './plan.mjs'

const percent = (fraction) => `${(100 * fraction).toFixed(1)} %`
const short = (number) => (Number.isFinite(number) ? number.toPrecision(3) : '-')
const perExit = (exits, describe) => exits.map((one) => `exit ${one.exit} ${describe(one)}`).join(', ')

/** What each figure shows, where to look, and the numbers of one checkpoint of its report. */
const guides = {
  history: {
    look: 'do the loss terms still fall at the end, and how far apart are the exits on the test images?',
    measured: ({ epochs }) => {
      const { accuracy, ensembleAccuracy } = epochs.at(-1).test
      const exits = accuracy.map((value, index) => ({ exit: index + 1, value }))
      return `test accuracy ${perExit(exits, ({ value }) => percent(value))}, ensemble ${percent(ensembleAccuracy)}`
    }
  },
  embedding: {
    look: 'one map per exit, a point per test image: which classes lie apart, which overlap, and from which exit on?',
    measured: ({ exits }) => `trustworthiness ${perExit(exits, ({ quality }) => short(quality.trustworthiness))}`
  },
  discriminativeness: {
    look: 'how does SSE/SSB (smaller means denser classes) change from exit to exit, and from one network to the other?',
    measured: ({ exits }) => `SSE/SSB ${perExit(exits, ({ ratio }) => short(ratio))}`
  },
  flatness: {
    look: 'how much weight noise does each exit bear before its accuracy falls? The bands are over the draws of the noise.',
    measured: ({ exits, drops }) => {
      const found = drops.filter(({ drop, split }) => drop === 10 && split === 'test')
      const noise = perExit(found, ({ sigma }) => short(sigma))
      return exits.length && found.length ? `test accuracy is 10 points down at sigma: ${noise}` : ''
    }
  },
  gradients: {
    look: 'which layers get large and which get small gradients? Absolute sizes depend on the loss; look at the course, too.',
    measured: ({ layers }) => {
      const backbone = layers.filter(({ role, part }) => role === 'convolution' && part === 'backbone')
      const [first, last] = [backbone[0], backbone.at(-1)]
      return `mean |gradient| ${short(first.meanAbs)} at ${first.name}, ${short(last.meanAbs)} at ${last.name}`
    }
  }
}

/** Lines for one report: its figure, where to look, what was measured. */
export function describeReport(kind, report, picture) {
  const { look, measured } = guides[kind]
  const numbers = report.checkpoints.map((one) => [one.name, measured(one)]).filter(([, text]) => text)
  return [picture, `  look: ${look}`, ...numbers.map(([name, text]) => `  ${name}: ${text}`)]
}

/** The end of a tour: where everything is, what to look at, how the baseline was made (its record, or null). */
export function describeTour(out, baselineRecord) {
  const here = (path) => relative('', path) || '.'
  const figures = kinds.flatMap((kind) => {
    const report = JSON.parse(readFileSync(reportFile(out, kind), 'utf8'))
    return [...describeReport(kind, report, here(figureFile(out, kind, 'svg'))), '']
  })
  const comparison = baselineRecord
    ? [
        'The baseline is a shipped sample. It was trained otherwise than the network of this tour, so what differs between',
        'the two is not due to the method alone. It was made by:',
        `  ${baselineRecord.command}`,
        ''
      ]
    : []
  return [
    `The tour is done. Its figures, each as SVG and as PNG, are in ${here(join(out, 'figures'))}:`,
    '',
    ...figures,
    ...comparison,
    `The run and the reports are in ${here(out)}. To start afresh, delete that folder, or name another one with --out.`
  ]
}
