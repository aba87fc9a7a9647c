import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cacheFolder, withLock } from '../../tools/setup/cache.mjs'
import { createContext } from '../../tools/setup/context.mjs'
import { checkDisk, findPython } from '../../tools/setup/library.mjs'
import { checkNodeVersion } from '../../tools/setup/node-version.mjs'
import { arePackagesInstalled, ensurePackages } from '../../tools/setup/packages.mjs'
import { chooseVariant } from '../../tools/setup/variant.mjs'
import { makeTempFolder, makeWorld, writeProgram, writeTree } from './setup-world.ts'

describe('Node version', () => {
  it.each(['20.19.0', '20.20.2', '22.0.0', '24.1.0'])('accepts %s', (nodeVersion) => {
    expect(() => checkNodeVersion({ nodeVersion })).not.toThrow()
  })
  it.each(['18.20.0', '20.18.3'])('refuses %s in one sentence', (nodeVersion) => {
    expect(() => checkNodeVersion({ nodeVersion })).toThrow(`Node ${nodeVersion} is too old`)
  })
})

describe('packages', () => {
  const lock = (packages: object) => JSON.stringify({ packages })
  const wanted = lock({
    '': {},
    'node_modules/a': { version: '1' },
    'node_modules/b': { version: '1', optional: true }
  })

  it('are installed when npm notes each of them in its version', () => {
    const root = makeTempFolder()
    writeTree(root, { 'package-lock.json': wanted })
    expect(arePackagesInstalled(root)).toBe(false)
    writeTree(root, { 'node_modules/.package-lock.json': lock({ 'node_modules/a': { version: '1' } }) })
    expect(arePackagesInstalled(root)).toBe(true)
    writeTree(root, { 'node_modules/.package-lock.json': lock({ 'node_modules/a': { version: '2' } }) })
    expect(arePackagesInstalled(root)).toBe(false)
  })

  it('are fetched by npm ci, and a failure says what to do', () => {
    const { root, context, commands } = makeWorld()
    writeTree(root, { 'package-lock.json': wanted })
    ensurePackages(context)
    expect(commands).toEqual([expect.stringContaining('ci --include=dev')])
    const failing = { ...context, run: () => ({ ok: false }) }
    expect(() => ensurePackages(failing)).toThrow('check the network connection')
  })
})

describe('variant', () => {
  const choose = (changes: object) => chooseVariant({ ...makeWorld().context, ...changes })

  it('fits the machine', () => {
    expect(choose({})).toMatchObject({ requirement: 'tensorflow-cpu==2.21.0', device: 'cpu' })
    expect(choose({ arch: 'arm64' })).toMatchObject({ requirement: 'tensorflow==2.21.0', device: 'cpu' })
    expect(choose({ platform: 'darwin', arch: 'arm64' }).platforms).toEqual(['macosx_12_0_arm64'])
    expect(choose({ env: { AUTODIDACT_NATIVE: 'gpu' } }).device).toBe('gpu')
  })

  it('is refused where TensorFlow has no library', () => {
    expect(() => choose({ platform: 'win32' })).toThrow('win32 on x64')
    expect(() => choose({ platform: 'darwin' })).toThrow('darwin on x64')
    expect(() => choose({ glibcVersion: () => undefined })).toThrow('another C library')
    expect(() => choose({ glibcVersion: () => '2.17' })).toThrow('glibc 2.17')
    expect(() => choose({ env: { AUTODIDACT_NATIVE: 'off' } })).toThrow('switched off')
    expect(() => choose({ env: { AUTODIDACT_NATIVE: 'tpu' } })).toThrow('"tpu"')
  })
})

describe('Python, disk and cache', () => {
  it('takes a Python that has pip, found on the path', () => {
    const folder = makeTempFolder()
    const context = createContext(folder, { PATH: folder })
    expect(() => findPython(context)).toThrow('no Python 3 is found')
    writeProgram(folder, 'python3', 'test "$1" = -c')
    expect(() => findPython(context)).toThrow('python3 has none')
    writeProgram(folder, 'python', 'exit 0')
    expect(findPython(context)).toBe('python')
  })

  it('asks for the disk that is needed', () => {
    const statfs = (gigabytes: number) => () => ({ bavail: gigabytes * 1e6, bsize: 1000 })
    expect(() => checkDisk('/cache', { diskGigabytes: 2 }, statfs(2.5))).not.toThrow()
    expect(() => checkDisk('/cache', { diskGigabytes: 2 }, statfs(0.5))).toThrow('0.5 GB are free')
  })

  it('lies where the system keeps caches', () => {
    expect(cacheFolder({ env: { AUTODIDACT_CACHE: '/c' }, platform: 'linux' })).toBe('/c')
    expect(cacheFolder({ env: { XDG_CACHE_HOME: '/x' }, platform: 'linux' })).toBe('/x/autodidact')
    expect(cacheFolder({ env: { HOME: '/h' }, platform: 'linux' })).toBe('/h/.cache/autodidact')
    expect(cacheFolder({ env: { HOME: '/h' }, platform: 'darwin' })).toBe('/h/Library/Caches/autodidact')
  })

  it('lets one set-up work at a time and takes over an abandoned lock', async () => {
    const folder = makeTempFolder()
    const events: string[] = []
    const work = (name: string) => async () => {
      events.push(`${name} begins`)
      await new Promise((resolve) => setImmediate(resolve))
      events.push(`${name} ends`)
    }
    const said: string[] = []
    await Promise.all(['a', 'b'].map((name) => withLock(folder, (text: string) => said.push(text), work(name), 1)))
    expect(events).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
    expect(said).toEqual(['another set-up is at work; waiting for it'])
    const { pid } = spawnSync(process.execPath, ['--version'])
    writeFileSync(join(folder, 'set-up.lock'), JSON.stringify({ pid, host: hostname() }))
    await withLock(folder, () => undefined, work('c'), 1)
    expect(events.at(-1)).toBe('c ends')
    expect(existsSync(join(folder, 'set-up.lock'))).toBe(false)
  })
})

describe('unpack-wheel.py', () => {
  const python = spawnSync('python3', ['-c', 'import zipfile']).status === 0 ? it : it.skip

  python('takes libraries, headers with what they include, and the CUDA requirements', () => {
    const folder = makeTempFolder()
    const files = {
      'tensorflow/libtensorflow_cc.so.2': 'cc',
      'tensorflow/python/big.py': 'no',
      'tensorflow/include/tensorflow/c/c_api.h': '#include "tensorflow/c/more.h"\n#include <stdint.h>',
      'tensorflow/include/tensorflow/c/more.h': '',
      'tensorflow/include/Eigen/Core': '',
      'nvidia/cublas/lib/libcublas.so.12': 'blas',
      'tensorflow-2.21.0.dist-info/METADATA':
        'Requires-Dist: absl-py>=1.0\nRequires-Dist: nvidia-cublas-cu12<13.0,>=12.5; extra == "and-cuda"\n'
    }
    writeTree(folder, { 'files.json': JSON.stringify(files) })
    const zip = `import json, zipfile
z = zipfile.ZipFile("w.whl", "w")
[z.writestr(name, text) for name, text in json.load(open("files.json")).items()]
z.close()`
    expect(spawnSync('python3', ['-c', zip], { cwd: folder }).status).toBe(0)
    const script = join(import.meta.dirname, '../../tools/setup/unpack-wheel.py')
    const done = spawnSync('python3', [script, 'w.whl', 'to'], { cwd: folder, encoding: 'utf8' })
    expect(done.stdout).toBe('nvidia-cublas-cu12<13.0,>=12.5\n')
    const kept = Object.keys(files).filter((name) => existsSync(join(folder, 'to', name)))
    expect(kept).toEqual([
      'tensorflow/libtensorflow_cc.so.2',
      'tensorflow/include/tensorflow/c/c_api.h',
      'tensorflow/include/tensorflow/c/more.h',
      'nvidia/cublas/lib/libcublas.so.12'
    ])
  })
})
