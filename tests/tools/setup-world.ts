import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createContext } from '../../tools/setup/context.mjs'
import { cudaFiles } from '../../tools/setup/cuda.mjs'

type Answer = { ok: boolean; missing?: boolean; signal?: string | null; stdout?: string; stderr?: string }
type Runner = (program: string, args: string[]) => Partial<Answer> | undefined

/** A folder of its own, removed when the test has ended. */
export function makeTempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'autodidact-setup-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Writes a file with its folders. */
export function writeTree(root: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
}

/** Puts an executable shell script into `folder`. */
export function writeProgram(folder: string, name: string, script: string): void {
  writeTree(folder, { [name]: `#!/bin/sh\n${script}\n` })
  chmodSync(join(folder, name), 0o755)
}

/** The link that set-up makes itself. */
export const linkedSolver = 'nvidia/cublas/lib/libcusolver.so.11'
const tensorflow = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2', 'include/tensorflow/c/c_api.h']
const unpacked: string[] = [
  ...tensorflow.map((name) => `tensorflow/${name}`),
  ...cudaFiles.filter((name: string) => name !== linkedSolver)
]

/** Does what pip, the unpacking and the compiler do, without network, Python or compiler. */
export function imitateTools(program: string, args: string[]): Partial<Answer> | undefined {
  const after = (flag: string) => args[args.indexOf(flag) + 1] ?? ''
  if (args.includes('download')) {
    writeTree(after('--dest'), { 'fake.whl': '' })
  } else if (args[0]?.endsWith('unpack-wheel.py')) {
    writeTree(args[2] ?? '', Object.fromEntries(unpacked.map((name) => [name, ''])))
    return { ok: true, stdout: 'nvidia-cublas-cu12<13.0,>=12.5\nnvidia-cudnn-cu12<10.0,>=9.3\n' }
  } else if (args.includes('-o')) {
    writeTree(dirname(after('-o')), { [after('-o').split('/').at(-1) ?? '']: 'addon' })
  } else if (program === 'nvidia-smi') return { ok: false, missing: true }
  return { ok: true }
}

/** A clone with its packages, a cache, and tools that `runner` may answer for (undefined: they work). */
export function makeWorld(runner: Runner = () => undefined, shared?: { cache: string }) {
  const root = makeTempFolder()
  const cache = shared?.cache ?? join(root, 'cache')
  writeTree(root, {
    'node_modules/@tensorflow/tfjs-node-gpu/binding/tfjs_backend.cc': '// backend',
    'node_modules/node-api-headers/package.json': '{"version":"1"}',
    'src-main/engine/backend/native/quiet-log.cc': '// log',
    'src-main/engine/backend/native/mute/mute-stderr.cc': '// mute'
  })
  const commands: string[] = []
  const said: string[] = []
  const context = {
    ...createContext(root, { AUTODIDACT_CACHE: cache }),
    platform: 'linux',
    arch: 'x64',
    glibcVersion: () => '2.36',
    driverFolder: join(root, 'no-driver'),
    deviceFolder: join(root, 'no-devices'),
    say: (text: string) => said.push(text),
    run: (program: string, args: string[]) => {
      commands.push([program, ...args].join(' '))
      const answer = runner(program, args) ?? imitateTools(program, args)
      return { ok: true, missing: false, signal: null, stdout: '', stderr: '', ...answer }
    }
  }
  return { root, cache, context, commands, said }
}
