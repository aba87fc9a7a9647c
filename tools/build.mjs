// `npm run build`: builds the programs, the preload script and the page into `out/`, or those named:
// `node tools/build.mjs [--changed] [--clean] [node|preload|page...]`. --changed leaves what is fresh as it is, --clean
// removes what older builds left for programs that still run. Needs the packages; set-up runs it where needed.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, stripVTControlCharacters } from 'node:util'
import { build } from 'vite'
import { findStale, hashSources } from './setup/bundle.mjs'
import { withLock } from './setup/cache.mjs'
import { publish, removeOld } from './setup/publish.mjs'
import { targetNames, targets } from './setup/targets.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const out = join(root, 'out')

function readArguments() {
  try {
    const options = { changed: { type: 'boolean' }, clean: { type: 'boolean' } }
    const { values, positionals } = parseArgs({ allowPositionals: true, options })
    const unknown = positionals.find((name) => !targetNames.includes(name))
    if (unknown !== undefined) throw new Error(`There is no target ${JSON.stringify(unknown)}.`)
    return { ...values, names: positionals.length > 0 ? positionals : targetNames }
  } catch (error) {
    process.stderr.write(
      `${error.message} Usage: node tools/build.mjs [--changed] [--clean] [${targetNames.join('|')}...]\n`
    )
    process.exit(2)
  }
}

async function buildTarget(name) {
  const folder = mkdtempSync(join(out, `.new-${name}-`))
  try {
    // Before the build: what is edited meanwhile makes it stale.
    const sources = hashSources(root, name)
    const configFile = join(root, targets[name].config)
    const rollupOptions = { checks: { pluginTimings: false } }
    await build({ configFile, logLevel: 'warn', build: { outDir: folder, emptyOutDir: false, rollupOptions } })
    publish(root, name, folder, sources)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const { changed, clean, names } = readArguments()
// The configurations name their folders from the repository's root; a caller's NODE_ENV must not make a build for tests.
process.chdir(root)
process.env.NODE_ENV = 'production'
mkdirSync(out, { recursive: true })
try {
  await withLock(
    out,
    (text) => process.stderr.write(`${text}\n`),
    async () => {
      for (const name of changed ? findStale(root, names) : names) await buildTarget(name)
      if (clean) for (const name of names) removeOld(root, name)
    }
  )
} catch (error) {
  const message = `${error.message}\n`
  process.stderr.write(process.stderr.isTTY ? message : stripVTControlCharacters(message))
  process.exitCode = 1
}
