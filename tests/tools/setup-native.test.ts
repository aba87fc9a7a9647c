import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ensureNative, isNativeReady, stateFile } from '../../tools/setup/native.mjs'
import { makeWorld } from './setup-world.ts'

const remembered = (root: string): unknown => JSON.parse(readFileSync(stateFile(root), 'utf8'))
const addon = 'node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node'
const refuse =
  (matches: (command: string) => boolean, answer = { ok: false, stderr: '' }) =>
  (program: string, args: string[]) =>
    matches([program, ...args].join(' ')) ? answer : undefined

describe('native backend set-up', () => {
  it('downloads, compiles, checks and remembers', async () => {
    const { root, context, commands } = makeWorld()
    expect(await ensureNative(context)).toBe('')
    expect(existsSync(join(root, addon))).toBe(true)
    expect(remembered(root)).toMatchObject({ reason: '', variant: '2.21.0-cpu-linux-x64' })
    expect(commands.filter((command) => command.includes('pip download'))).toHaveLength(1)
    expect(commands.find((command) => command.includes('pip download'))).toContain('tensorflow-cpu==2.21.0')
  })

  it('does nothing when done', async () => {
    const { context, commands } = makeWorld()
    await ensureNative(context)
    const before = commands.length
    await ensureNative(context)
    expect(isNativeReady(context)).toBe(true)
    expect(commands.slice(before).filter((command) => !command.startsWith('nvidia-smi'))).toEqual([])
  })

  it('takes everything from the cache in a second clone, without Python or compiler', async () => {
    const first = makeWorld()
    await ensureNative(first.context)
    const second = makeWorld(
      refuse((command) => /python|--version/.test(command)),
      { cache: first.cache }
    )
    expect(await ensureNative(second.context)).toBe('')
    expect(second.commands.filter((command) => /download|\.cc/.test(command))).toEqual([])
    expect(existsSync(join(second.root, addon))).toBe(true)
  })

  it('compiles again when a source changes, without another download', async () => {
    const { root, context, commands } = makeWorld()
    await ensureNative(context)
    writeFileSync(join(root, 'src-main/engine/backend/native/quiet-log.cc'), '// changed')
    expect(isNativeReady(context)).toBe(false)
    await ensureNative(context)
    expect(commands.filter((command) => command.includes('pip download'))).toHaveLength(1)
    expect(commands.filter((command) => command.includes('quiet-log.cc'))).toHaveLength(2)
  })

  const failures = [
    { what: 'no Python', matches: (command: string) => command.startsWith('python'), says: /no Python 3 is found/ },
    { what: 'no pip', matches: (command: string) => command.includes('-m pip'), says: /pip, and python3 has none/ },
    {
      what: 'no compiler',
      matches: (command: string) => command.endsWith('--version') && !command.includes('pip'),
      says: /no C\+\+ compiler/
    },
    {
      what: 'no network',
      matches: (command: string) => command.includes('pip download'),
      says: /download of tensorflow-cpu==2.21.0 with pip failed/
    },
    {
      what: 'a broken download',
      matches: (command: string) => command.includes('unpack-wheel'),
      says: /could not be unpacked/
    },
    { what: 'a compiler error', matches: (command: string) => command.includes('.cc'), says: /could not compile/ },
    {
      what: 'an addon that does not load',
      matches: (command: string) => command.includes(' -e '),
      says: /does not work here/
    }
  ]
  it.each(failures)('goes on with $what, says and remembers it, and tries again', async ({ matches, says }) => {
    let isRepaired = false
    const { root, cache, context, said } = makeWorld((program, args) =>
      !isRepaired && matches([program, ...args].join(' ')) ? { ok: false } : undefined
    )
    const reason = await ensureNative(context)
    expect(reason).toMatch(says)
    expect(reason).toMatch(/^[A-Z][^\n]*\.$/)
    expect(remembered(root)).toEqual({ reason })
    expect(said.at(-1)).toContain(reason)
    expect(existsSync(join(root, addon))).toBe(false)
    expect(readdirSync(cache)).not.toContain('set-up.lock')
    const left = existsSync(join(cache, 'libraries')) ? readdirSync(join(cache, 'libraries')) : []
    expect(left.filter((name) => name.startsWith('partial-'))).toEqual([])
    isRepaired = true
    expect(await ensureNative(context)).toBe('')
    expect(existsSync(join(root, addon))).toBe(true)
  })

  it('finds a missing compiler before it downloads anything', async () => {
    const { context, commands } = makeWorld(refuse((command) => /^(c\+\+|g\+\+|clang\+\+) /.test(command)))
    await ensureNative(context)
    expect(commands.filter((command) => command.includes('download'))).toEqual([])
  })

  it('names the first error of the compiler and a crash of the addon', async () => {
    const broken = makeWorld(
      refuse((command) => command.includes('.cc'), { ok: false, stderr: 'In file\nx.cc:1: error: no such thing\n' })
    )
    expect(await ensureNative(broken.context)).toContain('x.cc:1: error: no such thing')
    const crashing = makeWorld(refuse((command) => command.includes(' -e '), { ok: false, signal: 'SIGILL' } as never))
    expect(await ensureNative(crashing.context)).toContain('AVX')
  })

  it('refuses a cache that cannot be written', async () => {
    const { root, context } = makeWorld(undefined, { cache: join(import.meta.filename, 'cache') })
    expect(await ensureNative(context)).toContain('AUTODIDACT_CACHE')
    expect(existsSync(join(root, addon))).toBe(false)
  })

  it('compiles once when two set-ups start at once', async () => {
    const first = makeWorld()
    const second = makeWorld(undefined, { cache: first.cache })
    await Promise.all([ensureNative(first.context), ensureNative(second.context)])
    const compiled = [...first.commands, ...second.commands].filter((command) => command.includes('quiet-log.cc'))
    expect(compiled).toHaveLength(1)
  })
})
