import { median } from './statistics.mjs'

const opening = `# Benchmarks

Ours against what people would use instead, written by \`npm run bench -- --write\`; every number was measured.

    npm run bench -- [names of works] [--rounds N] [--tries N] [--sides a,b] [--quick] [--install] [--write]
    npm run bench -- endurance

Each side is a program of its own that does the same work from the same weights and images; numbers that must come out
alike (losses, logits, gradients) are compared before a time is believed. The sides take turns, round after round. A
ratio is our median over theirs, smaller is better for us; its spread is the smallest and the largest ratio of a round.
Memory is the process's peak. The first run includes compiling, where there is any. What is wanted of PyTorch is wanted
against the best row of its kinds.

Times depend on what else the machine does, and PyTorch's suffer most when its threads wait for a core. So each side
waits for a quiet moment, and a round in which other programs kept more than a quarter of a core busy is taken again, up
to \`--tries\` times (3) in all; the quietest counts.

PyTorch and TensorFlow are used from a virtual environment outside the repository: \`--install\` makes it in the cache
folder (5.5 GB), or AUTODIDACT_BENCH_PYTHON names a Python that has them. Without either they are left out.
`

/** The sections of a document by heading, in order. */
function sectionsOf(text) {
  const [, ...sections] = `\n${text}`.split('\n## ')
  return new Map(
    sections.map((section) => [section.split('\n', 1)[0], section.slice(section.indexOf('\n') + 1).trim()])
  )
}

/** The document with these works' sections ([name, text]) put in or replaced; those in `order` come first, in that order. */
export function updateDocument(text, fresh, order) {
  const sections = new Map([...sectionsOf(text), ...fresh])
  const others = [...sections.keys()].filter((name) => !order.includes(name))
  const known = order.filter((name) => sections.has(name))
  return [opening, ...[...known, ...others].map((name) => `## ${name}\n\n${sections.get(name)}\n`)].join('\n')
}

/**
 * One work's section. `software` has each side's versions, what several sides say alike is said once; `others` has the
 * cores that other programs kept busy in each round of a side.
 */
export function sectionOf({ title, table, machine, date, rounds, software, others, missing }) {
  const versions = new Map()
  for (const side of software)
    for (const [name, version] of Object.entries(side))
      versions.set(name, (versions.get(name) ?? new Set()).add(version))
  const list = [...versions].map(([name, values]) => `${name} ${[...values].join(' and ')}`).join(', ')
  const load = others.length
    ? ` Other programs kept ${median(others).toFixed(1)} cores busy on median, ${Math.max(...others).toFixed(1)} at most.`
    : ''
  const left = missing.map(({ label, reason }) => `Left out: ${label}, ${reason}\n`).join('\n')
  return `${title}.\n\n${table}\n\n${date}, ${rounds} rounds; ${machine}; ${list}.${load}\n${left && `\n${left}`}`.trim()
}
