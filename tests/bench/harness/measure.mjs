import { bundle } from './bundle.mjs'
import { runProgram, runSide } from './run-side.mjs'
import { disagreement, median } from './statistics.mjs'
import { showMs } from './table.mjs'
import { join } from 'node:path'

/**
 * Runs a work's sides in turns, round after round. Gives each side's rounds by name, and the sides that are missing with
 * the reason: not installed, failed, or not having done the same work.
 */
export async function measure(work, { python, folder, rounds, tries, isQuick, chosen, say }) {
  const settings = { ...work.settings, ...(isQuick ? work.quick : {}), folder }
  settings.weights = join(folder, `width-${settings.width}.safetensors`)
  settings.dataset = join(folder, `images-${settings.images ?? 0}`)
  const missing = []
  const leaveOut = (side, reason) => {
    missing.push({ label: side.label, reason })
    say(`  ${side.label} is left out: ${reason}`)
  }
  let sides = work.sides.filter(({ name }) => name === 'ours' || !chosen || chosen.includes(name))
  if (!python) {
    for (const side of sides) if (side.program.endsWith('.py')) leaveOut(side, 'not installed (--install does it).')
    sides = sides.filter(({ program }) => !program.endsWith('.py'))
  }

  const files = new Map()
  const programs = ['ours/prepare.ts', ...sides.map(({ program }) => program).filter((name) => name.endsWith('.ts'))]
  for (const program of programs) files.set(program, await bundle(program))
  await runProgram(process.execPath, [files.get('ours/prepare.ts'), JSON.stringify(settings)])

  const results = new Map(sides.map(({ name }) => [name, []]))
  const dismiss = (side, reason) => {
    if (side.name === 'ours') throw new Error(reason)
    leaveOut(side, reason)
    results.delete(side.name)
    sides = sides.filter((one) => one !== side)
  }
  for (let round = 0; round < rounds; round++)
    for (const side of [...sides]) {
      try {
        const result = await runSide(side, settings, { python, files, folder, tries })
        results.get(side.name).push(result)
        const others = result.othersCores === null ? '' : ` (others kept ${result.othersCores.toFixed(1)} cores busy)`
        say(`  round ${round + 1}, ${side.label}: ${showMs(median(result.ms))}${others}`)
      } catch (error) {
        dismiss(side, error.message)
        continue
      }
      const [ours] = results.get('ours')
      const [theirs] = results.get(side.name)
      const at = side.isUnchecked || side.name === 'ours' ? -1 : disagreement(ours.check, theirs.check, side.tolerance)
      if (at >= 0) dismiss(side, `other work than ours: check ${at + 1} is ${theirs.check[at]}, not ${ours.check[at]}.`)
    }
  return { results, missing }
}
