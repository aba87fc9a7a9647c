import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BackendName } from '../../../src-shared/contract.ts'
import type { Outcome, PartName } from './webgpu-work.ts'

const program = fileURLToPath(new URL('./webgpu-child.mjs', import.meta.url))

/** Less than a hook of Vitest may take, so that none is left behind. */
const patienceMs = 170_000

/** Runs parts on a backend in a process of its own, for a process has one backend. Throws with what it said if it fails. */
export async function runParts(
  name: BackendName,
  parts: PartName[],
  env: Record<string, string> = {}
): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'autodidact-parts-'))
  const file = join(folder, 'outcome.json')
  try {
    // The Vulkan loader and its drivers keep their things in XDG_RUNTIME_DIR.
    const all = { XDG_RUNTIME_DIR: folder, ...process.env, ...env }
    const child = spawn(process.execPath, [program, name, file, ...parts], {
      env: all,
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: patienceMs,
      killSignal: 'SIGKILL'
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
    const end = await new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, signal) => resolve(signal ?? code))
    })
    if (end !== 0) throw new Error(`the process that tries ${name} ended with ${end}: ${said.trim()}`)
    return JSON.parse(readFileSync(file, 'utf8')) as Outcome
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * How far `value` is from `reference`, by the path of the number with * for a place in a list: the largest difference
 * over the largest number of that path. Infinite where something is missing, no number, or a text that differs.
 */
export function deviationsOf(value: unknown, reference: unknown): Map<string, number> {
  const [ours, theirs] = [leavesOf(value), leavesOf(reference)]
  const paths = new Set([...ours.keys(), ...theirs.keys()])
  return new Map([...paths].map((path) => [path, deviationOf(ours.get(path) ?? [], theirs.get(path) ?? [])]))
}

function deviationOf(values: unknown[], reference: unknown[]): number {
  if (values.length !== reference.length) return Infinity
  let [difference, scale] = [0, 0]
  for (const [at, value] of values.entries()) {
    const other = reference[at]
    if (typeof value !== 'number' || typeof other !== 'number') {
      if (value !== other) return Infinity
      continue
    }
    difference = Math.max(difference, Math.abs(value - other))
    scale = Math.max(scale, Math.abs(other))
  }
  return scale === 0 ? difference : difference / scale
}

function leavesOf(value: unknown, path = '', leaves = new Map<string, unknown[]>()): Map<string, unknown[]> {
  if (Array.isArray(value)) for (const item of value) leavesOf(item, `${path}*`, leaves)
  else if (value !== null && typeof value === 'object')
    for (const [key, item] of Object.entries(value)) leavesOf(item, `${path}.${key}`, leaves)
  else if (leaves.has(path)) leaves.get(path)!.push(value)
  else leaves.set(path, [value])
  return leaves
}
