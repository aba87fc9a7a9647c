import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../package-root.ts'
import { requireQuietly, requireTfjs, restoreUtilFunctions } from './backend-modules.ts'
import type { Backend, Tfjs } from './backend.ts'
import { threadCount } from './threads.ts'

type NativeKernelBackend = {
  binding: { TF_Version: string; isUsingGpuDevice(): boolean }
  getNumOfTFTensors(): number
}

type MuteAddon = { mute(): void; unmute(): void }

const addonFolder = 'node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8'
const howToGet = 'Run `npm run setup` to get it.'

const stateFile = (root: string) => join(root, 'node_modules', '.autodidact', 'native.json')

/** What set-up remembered about the native backend of the package in `root`: a sentence, empty if it is built. */
export function readNativeReason(root: string = packageRoot): string {
  if (!existsSync(stateFile(root))) return `The native backend has not been set up here. ${howToGet}`
  try {
    const { reason } = JSON.parse(readFileSync(stateFile(root), 'utf8')) as { reason?: unknown }
    return typeof reason === 'string' ? reason : ''
  } catch {
    return `What set-up wrote about the native backend is unreadable. ${howToGet}`
  }
}

/** A sentence where set-up found an NVIDIA driver but TensorFlow computes on the CPU; empty otherwise. */
export function explainMissingGpu(onGpu: boolean, root: string = packageRoot): string {
  if (onGpu || process.env.CUDA_VISIBLE_DEVICES === '') return ''
  const state = existsSync(stateFile(root)) ? readFileSync(stateFile(root), 'utf8') : ''
  if (!state.includes('-gpu-')) return ''
  return 'TensorFlow finds no GPU that it can use, though an NVIDIA driver is there; CUDA 12 needs driver 525 or newer.'
}

/** The NVIDIA GPU's name from the driver's folder; a general name if there are none or several. */
export function readGpuName(driverFolder = '/proc/driver/nvidia/gpus'): string {
  const fallback = 'NVIDIA GPU'
  try {
    const gpus = readdirSync(driverFolder)
    if (gpus.length !== 1) return fallback
    const information = readFileSync(join(driverFolder, gpus[0]!, 'information'), 'utf8')
    return /^Model:\s*(.+)$/m.exec(information)?.[1]?.trim() ?? fallback
  } catch {
    return fallback
  }
}

/** Runs `load` with stderr muted, where set-up has built the addon for it: libtensorflow chatters while it is loaded. */
async function withoutChatter<T>(load: () => Promise<T>): Promise<T> {
  const file = join(packageRoot, addonFolder, 'mute_stderr.node')
  const wantsLog = Number(process.env.TF_CPP_MIN_LOG_LEVEL) < 3
  if (wantsLog || !existsSync(file)) return load()
  const { mute, unmute } = requireQuietly<MuteAddon>(file)
  mute()
  try {
    return await load()
  } finally {
    unmute()
  }
}

async function loadTensorflow(): Promise<Tfjs> {
  requireQuietly('@tensorflow/tfjs-node-gpu')
  const tf = requireTfjs()
  if (!(await tf.setBackend('tensorflow'))) throw new Error('TensorFlow does not start.')
  return tf
}

/** Opens TensorFlow's C library through tfjs-node's addon; throws if set-up has not built it or it does not load. */
export async function openNative(): Promise<Backend> {
  if (!existsSync(join(packageRoot, addonFolder, 'tfjs_binding.node'))) {
    throw new Error(readNativeReason() || `Its addon is missing. ${howToGet}`)
  }
  // Errors reach us as exceptions, so the log may be silent; by default TensorFlow takes all of the GPU's memory.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3'
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true'
  restoreUtilFunctions()
  const tf = await withoutChatter(loadTensorflow)
  const backend = tf.backend() as unknown as NativeKernelBackend
  const onGpu = backend.binding.isUsingGpuDevice()
  return {
    name: 'native',
    device: onGpu ? readGpuName() : process.platform === 'linux' ? 'CPU (oneDNN)' : 'CPU',
    version: backend.binding.TF_Version,
    tf,
    isNative: true,
    executor: 'graph',
    threads: threadCount(),
    tensorCount: () => backend.getNumOfTFTensors(),
    reason: explainMissingGpu(onGpu)
  }
}
