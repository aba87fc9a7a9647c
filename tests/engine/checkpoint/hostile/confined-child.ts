import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { build } from 'vite'
import { packageRoot } from '../../../../src-main/package-root.ts'
import { ensureBuilt } from '../../../helpers/built.ts'
import type { Outcome } from './open-files.ts'

/** A program that is built for these tests alone. */
const programs = join(packageRoot, 'out', 'test-programs')

/** Builds `open-files.ts` or `fuzz.ts` and gives the program's path. */
export async function buildProgram(name: 'open-files' | 'fuzz'): Promise<string> {
  await ensureBuilt('node')
  await build({
    configFile: join(packageRoot, 'vite.node.config.ts'),
    logLevel: 'error',
    build: {
      outDir: programs,
      rollupOptions: { input: { [name]: join(import.meta.dirname, `${name}.ts`) } }
    }
  })
  return join(programs, `${name}.js`)
}

/** What a confined process said, and how it ended. */
export type Confined = { lines: string[]; code: number | null; signal: NodeJS.Signals | null; stderr: string }

/**
 * Runs a program that may read the program itself, its packages and `readable`, write below `writable`, and start
 * nothing: Node's permission model refuses all else. It is killed when it says nothing for `silenceMs`.
 */
export async function runConfined(
  program: string,
  args: string[],
  { readable, writable = [], silenceMs }: { readable: string[]; writable?: string[]; silenceMs: number }
): Promise<Confined> {
  const [major = 0] = process.versions.node.split('.').map(Number)
  const allowed = [join(packageRoot, 'out'), join(packageRoot, 'node_modules'), join(packageRoot, 'package.json')]
  const child = spawn(
    process.execPath,
    [
      major >= 23 ? '--permission' : '--experimental-permission',
      ...[...allowed, ...readable].map((path) => `--allow-fs-read=${path}`),
      ...writable.map((path) => `--allow-fs-write=${path}`),
      '--allow-worker',
      '--no-warnings',
      program,
      ...args
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: {} }
  )
  let out = ''
  let stderr = ''
  let timer = setTimeout(() => child.kill('SIGKILL'), silenceMs)
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
    clearTimeout(timer)
    timer = setTimeout(() => child.kill('SIGKILL'), silenceMs)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ lines: out.split('\n').filter((line) => line !== ''), code, signal, stderr })
    })
  })
}

/** Peak of the process's memory, bytes, and what became of each file. */
export function readOutcomes({ lines }: Confined): {
  outcomes: Outcome[]
  unfinished: string | null
  peakBytes: number
} {
  const outcomes: Outcome[] = []
  let unfinished: string | null = null
  let peakBytes = NaN
  for (const line of lines) {
    const value = JSON.parse(line) as Partial<Outcome> & { begins?: string; peakBytes?: number }
    if (value.begins !== undefined) unfinished = value.begins
    else if (value.peakBytes !== undefined) peakBytes = value.peakBytes
    else {
      outcomes.push(value as Outcome)
      unfinished = null
    }
  }
  return { outcomes, unfinished, peakBytes }
}
