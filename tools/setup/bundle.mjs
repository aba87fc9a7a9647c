import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal } from './refusal.mjs'

const sourceFolders = ['src-shared', 'src-main', 'src-renderer']
const sourceFiles = ['package-lock.json', 'vite.cli.config.ts', 'package.json']

function filesIn(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesIn(join(folder, entry.name)) : [join(folder, entry.name)]
  )
}

/** A hash of all that the bundle is made of: changes when a source does. */
export function hashSources(root) {
  const listed = [
    ...sourceFolders.flatMap((folder) => filesIn(join(root, folder))),
    ...sourceFiles.map((name) => join(root, name))
  ]
  const hash = createHash('sha256')
  for (const file of listed.filter((name) => existsSync(name) && statSync(name).isFile()).sort()) {
    hash.update(file.slice(root.length)).update(readFileSync(file))
  }
  return hash.digest('hex')
}

const dayMs = 24 * 60 * 60 * 1000

/** Removes chunks that no program of today can still be loading. */
function removeOldChunks(root) {
  const folder = join(root, 'out', 'chunks')
  for (const file of filesIn(folder)) {
    if (Date.now() - statSync(file).mtimeMs > dayMs) rmSync(file, { force: true })
  }
}

/** Builds `out/cli.js` unless it is there and made of the present sources; throws a Refusal if the build fails. */
export function ensureBundle({ root, run, say }) {
  if (!existsSync(join(root, 'src-main', 'cli', 'main.ts'))) return
  const marker = join(root, 'out', '.sources')
  const sources = hashSources(root)
  const isFresh =
    existsSync(join(root, 'out', 'cli.js')) && existsSync(marker) && readFileSync(marker, 'utf8') === sources
  if (isFresh) return
  removeOldChunks(root)
  say('building the command line')
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const args = [vite, 'build', '--config', 'vite.cli.config.ts', '--logLevel', 'warn']
  const result = run(process.execPath, args, { cwd: root, show: true })
  if (!result.ok) throw new Refusal('The command line could not be built (see above).')
  writeFileSync(marker, sources)
}
