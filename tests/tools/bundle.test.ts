import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ensureBundle, findStale, hashSources, isFresh, readNote } from '../../tools/setup/bundle.mjs'
import { publish, removeOld } from '../../tools/setup/publish.mjs'
import { targets } from '../../tools/setup/targets.mjs'
import { packageRoot } from '../../src-main/package-root.ts'
import { makeTempFolder, makeWorld, writeTree } from './setup-world.ts'

const entries = Object.values(targets as Record<string, { entry: string }>).map(({ entry }) => entry)
const sources = Object.fromEntries(entries.map((entry) => [entry, '1']))
const built: Record<string, Record<string, string>> = {
  node: { 'cli.js': 'cli', 'chunks/a-1.js': 'a' },
  preload: { 'preload.cjs': 'preload' },
  page: { 'index.html': 'page', 'assets/index-1.js': 'script' }
}

/** Publishes a build of these files, as the builder does. */
function publishFiles(root: string, name: string, files = built[name]!): void {
  const folder = join(root, 'out', `.new-${name}-test`)
  writeTree(folder, files)
  publish(root, name, folder, hashSources(root, name))
  rmSync(folder, { recursive: true })
}

/** A clone whose builder does what it is asked to. */
function makeClone() {
  const world = makeWorld((_, args) => {
    const asked = args.slice(args.indexOf('--changed') + 1)
    for (const name of asked) publishFiles(world.root, name)
    return undefined
  })
  return world
}

describe('what is built', () => {
  it('is nothing where no source is there yet', () => {
    const { context, commands } = makeClone()
    ensureBundle(context)
    expect(commands).toEqual([])
  })

  it('is all that is missing, and then nothing', () => {
    const { root, context, commands, said } = makeClone()
    writeTree(root, sources)
    ensureBundle(context)
    ensureBundle(context)
    expect(commands).toEqual([expect.stringMatching(/build\.mjs --changed node preload page$/)])
    expect(said).toEqual(["building the programs, the window's preload script, the page"])
    expect(readFileSync(join(root, 'out/web/index.html'), 'utf8')).toBe('page')
  })

  it.each([
    ['src-main/engine/jobs/jobs.ts', ['node']],
    ['src-main/engine/backend/native/quiet-log.cc', ['node']],
    ['src-main/shell/window.ts', ['node', 'preload']],
    ['src-main/preload.ts', ['node', 'preload']],
    ['src-renderer/App.svelte', ['page']],
    ['src-renderer/figures/X.svelte', ['node', 'page']],
    ['src-shared/rpc.ts', ['node', 'preload', 'page']],
    ['package-lock.json', ['node', 'preload', 'page']],
    ['package.json', ['node']],
    ['vite.web.config.ts', ['page']],
    ['vite.preload.config.ts', ['preload']],
    ['vite.node.config.ts', ['node']],
    ['resources/fonts/x.ttf', ['page']],
    ['tests/x.test.ts', []],
    ['src-renderer/.App.svelte.swp', []]
  ])('after a change of %s is %j', (file, stale) => {
    const { root, context } = makeClone()
    writeTree(root, sources)
    ensureBundle(context)
    writeTree(root, { [file]: 'changed' })
    expect(findStale(root)).toEqual(stale)
  })

  it('is what was asked for only', () => {
    const { root, context } = makeClone()
    writeTree(root, sources)
    ensureBundle(context, ['node'])
    expect(findStale(root)).toEqual(['preload', 'page'])
  })

  it('is what lost a file, or whose note is damaged', () => {
    const { root, context } = makeClone()
    writeTree(root, sources)
    ensureBundle(context)
    rmSync(join(root, 'out/chunks/a-1.js'))
    writeTree(root, { 'out/.built/page.json': '{"sources": 3' })
    expect(findStale(root)).toEqual(['node', 'page'])
  })

  it('is refused in one sentence when a build fails, naming what failed', () => {
    const { root, context } = makeClone()
    writeTree(root, sources)
    const run = () => {
      publishFiles(root, 'node')
      return { ok: false }
    }
    expect(() => ensureBundle({ ...context, run })).toThrow(
      "The window's preload script could not be built (see above)."
    )
  })
})

describe('publishing a build', () => {
  it('leaves nothing half: the files that name others come last', () => {
    const root = makeTempFolder()
    publishFiles(root, 'page')
    expect(readNote(root, 'page').files).toEqual(['web/assets/index-1.js', 'web/index.html'])
    publishFiles(root, 'node')
    expect(readNote(root, 'node').files).toEqual(['chunks/a-1.js', 'cli.js'])
    expect(isFresh(root, 'node')).toBe(true)
  })

  it('keeps the files of the build before for a week from then on', () => {
    const root = makeTempFolder()
    const old = join(root, 'out/web/assets/index-1.js')
    publishFiles(root, 'page')
    const longAgo = new Date(Date.now() - 30 * 24 * 60 * 60 * 1000)
    utimesSync(old, longAgo, longAgo)
    publishFiles(root, 'page', { 'index.html': 'new', 'assets/index-2.js': 'script' })
    expect(readFileSync(join(root, 'out/web/index.html'), 'utf8')).toBe('new')
    expect(statSync(old).mtimeMs).toBeGreaterThan(longAgo.getTime() + 1000)
    const eightDaysAgo = new Date(Date.now() - 8 * 24 * 60 * 60 * 1000)
    utimesSync(old, eightDaysAgo, eightDaysAgo)
    utimesSync(join(root, 'out/web/assets/index-2.js'), longAgo, longAgo)
    publishFiles(root, 'page', { 'index.html': 'new', 'assets/index-2.js': 'script' })
    expect(existsSync(old)).toBe(false)
    expect(existsSync(join(root, 'out/web/assets/index-2.js'))).toBe(true)
  })

  it('can be followed by a cleaning, which leaves what is of today', () => {
    const root = makeTempFolder()
    publishFiles(root, 'node')
    publishFiles(root, 'node', { 'cli.js': 'cli', 'chunks/b-2.js': 'b' })
    publishFiles(root, 'page')
    removeOld(root, 'node')
    expect(existsSync(join(root, 'out/chunks/a-1.js'))).toBe(false)
    expect(existsSync(join(root, 'out/chunks/b-2.js'))).toBe(true)
    expect(existsSync(join(root, 'out/web/assets/index-1.js'))).toBe(true)
  })

  it('never touches a file of the other targets', () => {
    const root = makeTempFolder()
    mkdirSync(join(root, 'out'), { recursive: true })
    for (const name of ['node', 'preload', 'page']) publishFiles(root, name)
    for (const name of ['node', 'preload', 'page']) expect(isFresh(root, name)).toBe(true)
  })
})

it('the builder refuses an unknown target in one sentence', () => {
  const program = join(packageRoot, 'tools', 'build.mjs')
  const { status, stderr } = spawnSync(process.execPath, [program, 'pge'], { encoding: 'utf8' })
  expect(stderr).toBe(
    'There is no target "pge". Usage: node tools/build.mjs [--changed] [--clean] [node|preload|page...]\n'
  )
  expect(status).toBe(2)
})
