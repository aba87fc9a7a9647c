import { backendNames, type BackendName, type Executor } from '../../../src-shared/contract.ts'
import { UsageError, UserError } from '../../../src-shared/errors.ts'
import { checkConvolution, type Backend } from './backend.ts'
import { openCpu } from './cpu.ts'
import { openNative } from './native.ts'
import { openWasm } from './wasm.ts'
import { openWebgpu } from './webgpu.ts'

/** How each backend is opened; `byName` is true where the user asked for exactly this one. */
export type Openers = { [K in BackendName]: (byName: boolean) => Promise<Backend> }

const allOpeners = { native: openNative, webgpu: openWebgpu, wasm: openWasm, cpu: openCpu } satisfies Openers

/** Opens `name` and computes a convolution on it; gives the backend, or a sentence on why it does not work. */
export async function tryBackend(
  name: BackendName,
  byName: boolean,
  openers: Openers = allOpeners
): Promise<Backend | { refusal: string }> {
  try {
    const backend = await openers[name](byName)
    await checkConvolution(backend.tf)
    return backend
  } catch (error) {
    const message = (error instanceof Error ? error.message : String(error)).split('\n')[0]!.trim()
    return { refusal: /[.!?]$/.test(message) ? message : `${message}.` }
  }
}

/** Opens exactly `name`; throws a UserError that says why it does not work and how to get it. */
export async function openByName(name: BackendName, openers: Openers = allOpeners): Promise<Backend> {
  const outcome = await tryBackend(name, true, openers)
  if ('refusal' in outcome) throw new UserError(`The backend "${name}" does not work here: ${outcome.refusal}`)
  return outcome
}

/** Opens the best backend that works; its `reason` says why not a better one. */
export async function openBest(openers: Openers = allOpeners): Promise<Backend> {
  const refusals: string[] = []
  for (const name of backendNames) {
    const outcome = await tryBackend(name, false, openers)
    if (!('refusal' in outcome)) {
      return { ...outcome, reason: [...refusals, outcome.reason].filter(Boolean).join(' ') }
    }
    refusals.push(`Not ${name}: ${outcome.refusal}`)
  }
  throw new UserError(`No backend works here. ${refusals.join(' ')}`)
}

/** The backend with another executor. Throws UsageError where the backend has but one. */
export function withExecutor(backend: Backend, executor: Executor | undefined): Backend {
  if (executor === undefined || executor === backend.executor) return backend
  if (!backend.isNative)
    throw new UsageError(
      `The executor "${executor}" needs the backend native; "${backend.name}" has none but "${backend.executor}".`
    )
  return { ...backend, executor }
}

let opened: Promise<Backend> | undefined

/**
 * The backend of this process: `name` if given, the best that works otherwise. Opened once; asking for another one
 * later in the same process throws a UserError, as does a named backend that does not work. `threads` counts where the
 * backend is not open yet and TF_NUM_INTRAOP_THREADS is not set.
 */
export async function openBackend(name?: BackendName, threads?: number): Promise<Backend> {
  if (!opened && threads !== undefined) process.env.TF_NUM_INTRAOP_THREADS ??= String(threads)
  opened ??= (name ? openByName(name) : openBest()).catch((error: unknown) => {
    opened = undefined
    throw error
  })
  const backend = await opened
  if (name && name !== backend.name) {
    throw new UserError(`This process already computes with "${backend.name}"; start another one to use "${name}".`)
  }
  return backend
}
