import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hasDisplay } from '../../tools/setup/display.mjs'
import { electronStateFile, ensureElectron, findElectron } from '../../tools/setup/electron.mjs'
import { makeWorld, writeTree } from './setup-world.ts'

type Runner = Parameters<typeof makeWorld>[0]

const binary = { 'node_modules/electron/path.txt': 'electron', 'node_modules/electron/dist/electron': 'program' }
const version = { 'node_modules/electron/dist/version': 'v45.0.0' }
const installed = {
  'node_modules/electron/package.json': '{"version":"45.0.0"}',
  'node_modules/electron/install.js': '// downloads'
}

/** A clone with the electron package, whose download `answer`s. */
function makeClone(answer: (root: string) => { ok: boolean }, env: object = { DISPLAY: ':0' }) {
  const runner: Runner = (_, args) => (args.at(-1)?.endsWith('install.js') ? answer(world.root) : undefined)
  const world = makeWorld(runner)
  writeTree(world.root, installed)
  const downloads = () => world.commands.filter((command) => command.endsWith(join('electron', 'install.js')))
  return { ...world, context: { ...world.context, env }, downloads }
}

const succeed = (root: string) => {
  writeTree(root, { ...binary, ...version })
  return { ok: true }
}
const fail = () => ({ ok: false })
const failed =
  'Electron could not be downloaded, so the lab opens in the browser; npm start -- --retry-electron tries again.'
const remembered =
  'Electron could not be had earlier, so the lab opens in the browser; npm start -- --retry-electron tries again.'

describe("Electron's binary", () => {
  it('is found where it is whole and of the version of its package', () => {
    const { root, context } = makeClone(fail)
    expect(findElectron(context)).toBeUndefined()
    writeTree(root, { 'node_modules/electron/path.txt': 'electron', ...version })
    expect(findElectron(context)).toBeUndefined()
    writeTree(root, binary)
    expect(findElectron(context)).toBe(join(root, 'node_modules/electron/dist/electron'))
    writeTree(root, { 'node_modules/electron/dist/version': '44.0.0' })
    expect(findElectron(context)).toBeUndefined()
    writeTree(root, { 'elsewhere/electron': '' })
    const env = { ELECTRON_OVERRIDE_DIST_PATH: join(root, 'elsewhere') }
    expect(findElectron({ ...context, env })).toBe(join(root, 'elsewhere/electron'))
  })

  it('is downloaded once', () => {
    const { root, context, downloads, said } = makeClone(succeed)
    const path = join(root, 'node_modules/electron/dist/electron')
    expect(ensureElectron(context)).toEqual({ path, reason: '' })
    expect(ensureElectron(context)).toEqual({ path, reason: '' })
    expect(downloads()).toHaveLength(1)
    expect(said).toEqual(['downloading Electron for the desktop window (about 120 MB, once)'])
  })

  it('that cannot be had is remembered, said in one sentence each time, and asked for again on demand', () => {
    const { root, context, downloads } = makeClone(fail)
    expect(ensureElectron(context)).toEqual({ path: '', reason: failed })
    expect(JSON.parse(readFileSync(electronStateFile(root), 'utf8'))).toEqual({ version: '45.0.0', reason: failed })
    expect(ensureElectron(context)).toEqual({ path: '', reason: remembered })
    expect(downloads()).toHaveLength(1)
    expect(ensureElectron(context, { isRetry: true })).toEqual({ path: '', reason: failed })
    expect(downloads()).toHaveLength(2)
  })

  it('is asked for again when the version is another, or what was remembered is damaged', () => {
    const { root, context, downloads } = makeClone(fail)
    ensureElectron(context)
    writeTree(root, { 'node_modules/electron/package.json': '{"version":"46.0.0"}' })
    ensureElectron(context)
    expect(downloads()).toHaveLength(2)
    writeTree(root, { 'node_modules/.autodidact/electron.json': '{"reason' })
    ensureElectron(context)
    expect(downloads()).toHaveLength(3)
  })

  it.each([
    ['there is no display', {}],
    ['a machine runs the tests', { DISPLAY: ':0', CI: 'true' }]
  ])('is never downloaded where %s', (_, env) => {
    const { root, context, downloads } = makeClone(fail, env)
    expect(ensureElectron(context, { isRetry: true })).toEqual({ path: '', reason: '' })
    expect(downloads()).toEqual([])
    expect(existsSync(electronStateFile(root))).toBe(false)
  })

  it('is not missed where its package is not installed', () => {
    const { context } = makeWorld()
    expect(ensureElectron({ ...context, env: { DISPLAY: ':0' } })).toEqual({ path: '', reason: '' })
  })
})

it.each([
  ['linux', {}, false],
  ['linux', { DISPLAY: ':0' }, true],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, true],
  ['darwin', {}, true],
  ['darwin', { SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22' }, false],
  ['win32', {}, true]
])('a display on %s with %j: %s', (platform, env, isThere) => {
  expect(hasDisplay({ platform, env })).toBe(isThere)
})
