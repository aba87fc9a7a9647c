import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Refusal } from './refusal.mjs'
import { targetNames, targets } from './targets.mjs'

const builder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'build.mjs')

/** Every file below a folder, or the file itself; none where nothing is there. Hidden ones are an editor's. */
export function filesIn(place) {
  if (!existsSync(place)) return []
  if (!statSync(place).isDirectory()) return [place]
  return readdirSync(place, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.'))
    .flatMap((entry) => (entry.isDirectory() ? filesIn(join(place, entry.name)) : [join(place, entry.name)]))
}

/** A hash of all that a target is made of: changes when a source, its configuration or a package does. */
export function hashSources(root, name) {
  const { sources, config } = targets[name]
  const hash = createHash('sha256')
  const places = [...sources, config, 'package-lock.json'].map((place) => join(root, place))
  for (const file of places.flatMap(filesIn).sort()) {
    hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0')
  }
  return hash.digest('hex')
}

/** Where it is noted what a target was made of and which files of `out/` belong to it. */
export const noteFile = (root, name) => join(root, 'out', '.built', `${name}.json`)

/** The note of a target's last build: its sources' hash and its files, relative to `out/`. */
export function readNote(root, name) {
  try {
    const { sources, files } = JSON.parse(readFileSync(noteFile(root, name), 'utf8'))
    return { sources: String(sources), files: files.map(String) }
  } catch {
    return { sources: '', files: [] }
  }
}

/** Whether a target is there, whole, and made of the present sources. */
export function isFresh(root, name) {
  const { sources, files } = readNote(root, name)
  return (
    files.length > 0 &&
    files.every((file) => existsSync(join(root, 'out', file))) &&
    sources === hashSources(root, name)
  )
}

/** The targets among `names` that have to be built; one whose entry is not written yet is none. */
export const findStale = (root, names = targetNames) =>
  names.filter((name) => existsSync(join(root, targets[name].entry)) && !isFresh(root, name))

/** Builds those of the targets `names` that are missing or stale; throws a Refusal if a build fails. */
export function ensureBundle({ root, run, say }, names = targetNames) {
  const stale = findStale(root, names)
  if (stale.length === 0) return
  say(`building ${stale.map((name) => targets[name].title.replace(/^T/, 't')).join(', ')}`)
  const result = run(process.execPath, [builder, '--changed', ...stale], { cwd: root, show: true })
  if (result.ok) return
  const [failed = stale[0]] = findStale(root, stale)
  throw new Refusal(`${targets[failed].title} could not be built (see above).`)
}
