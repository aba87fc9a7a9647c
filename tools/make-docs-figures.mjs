import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

// Draws docs/figures from the samples' stored reports: `node tools/make-docs-figures.mjs [REPORTS [FIGURES]]`, after
// set-up. Nothing is measured here; a report that is missing is said and makes the program end with status 1.
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [reports = join(root, 'resources', 'samples'), figures = join(root, 'docs', 'figures')] = process.argv.slice(2)

const kinds = ['embedding', 'discriminativeness', 'flatness', 'gradients', 'history']
const groups = {
  noisy: 'Trained on 4,000 images, 40 % of the labels random',
  clean: 'Trained on all 60,000 images'
}

function draw(report, picture, title) {
  const cli = join(root, 'out', 'cli.js')
  const args = [cli, 'figure', report, '--out', picture, '--title', title, '--density', '1.5']
  return spawnSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
}

mkdirSync(figures, { recursive: true })
for (const [group, title] of Object.entries(groups)) {
  for (const kind of kinds) {
    const report = join(reports, `${group}-${kind}.json`)
    const picture = join(figures, `${group}-${kind}.png`)
    const isDrawn = existsSync(report) && draw(report, picture, title)
    if (!isDrawn) process.exitCode = 1
    process.stderr.write(`${isDrawn ? 'drew' : 'could not draw'} ${relative('', picture)}\n`)
  }
}
