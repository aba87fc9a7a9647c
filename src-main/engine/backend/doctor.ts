import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { backendNames, type BackendName, type EngineResult } from '../../../src-shared/contract.ts'
import { UserError } from '../../../src-shared/errors.ts'
import { packageRoot } from '../../package-root.ts'

type DoctorResult = EngineResult<'doctor'>
/** What a probe finds out about one backend. */
export type Finding = Omit<DoctorResult['backends'][number], 'name'>

const findingSchema = z.object({ available: z.boolean(), device: z.string(), version: z.string(), reason: z.string() })
const probeTimeoutMs = 60_000
const unavailable = (reason: string): Finding => ({ available: false, device: '', version: '', reason })

function describeEnd(code: number | null, signal: string | null, stderr: string): string {
  if (signal === 'SIGKILL') return 'It did not answer in time.'
  if (signal) return `It crashes here (${signal}).`
  const line = stderr.split('\n').find((text) => /^\s*\w*error\b/i.test(text))
  return `Its probe ended with status ${code}${line ? `: ${line.trim()}` : ''}.`
}

/** Runs `program` with `args` in a child process and reads the finding that it prints. */
export function probeInChild(program: string, args: string[], timeoutMs = probeTimeoutMs): Promise<Finding> {
  return new Promise((resolve) => {
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' }
    const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe']
    const child = spawn(program, args, { cwd: packageRoot, env, stdio, timeout: timeoutMs, killSignal: 'SIGKILL' })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    child.on('error', (error) => resolve(unavailable(`Its probe does not start: ${error.message}.`)))
    child.on('close', (code, signal) => {
      try {
        resolve(findingSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')))
      } catch {
        resolve(unavailable(describeEnd(code, signal, stderr)))
      }
    })
  })
}

function probeBackend(name: BackendName): Promise<Finding> {
  const program = join(packageRoot, 'out', 'probe-backend.js')
  if (!existsSync(program)) {
    throw new UserError('The program that tries the backends has not been built; run `npm run setup`.')
  }
  return probeInChild(process.execPath, [program, name])
}

/** Tries every backend in a process of its own and says which would be chosen; throws a UserError if none works. */
export async function doctor(probe: (name: BackendName) => Promise<Finding> = probeBackend): Promise<DoctorResult> {
  const backends = await Promise.all(backendNames.map(async (name) => ({ name, ...(await probe(name)) })))
  const best = backends.find(({ available }) => available)
  if (!best) throw new UserError(`No backend works here. ${backends.map(({ reason }) => reason).join(' ')}`)
  return { backends, chosen: best.name }
}
