import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../package-root.ts'
import { requireQuietly, requireTfjs, restoreUtilFunctions } from './backend-modules.ts'
import type { Backend, Tfjs } from './backend.ts'
import { checkGpu, planGpu } from './gpu.ts'
import { readNativeState } from './native-state.ts'
import { nativePrecisions } from './precision.ts'
import { threadCount } from './threads.ts'

type NativeKernelBackend = {
  binding: { TF_Version: string; isUsingGpuDevice(): boolean }
  getNumOfTFTensors(): number
}

type MuteAddon = { mute(): void; unmute(): void }

const addonFolder = 'node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8'
const howToGet = 'Run `npm run setup` to get it.'

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
  const state = readNativeState()
  if (!existsSync(join(packageRoot, addonFolder, 'tfjs_binding.node'))) {
    throw new Error(state.reason || `Its addon is missing. ${howToGet}`)
  }
  if (state.library && !existsSync(state.library)) {
    throw new Error(`TensorFlow's libraries are gone from ${state.library}. ${howToGet}`)
  }
  // Errors reach us as exceptions, so the log may be silent; by default TensorFlow takes all of the GPU's memory.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3'
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true'
  const gpu = planGpu(state)
  restoreUtilFunctions()
  const tf = await withoutChatter(loadTensorflow)
  const backend = tf.backend() as unknown as NativeKernelBackend
  const onGpu = backend.binding.isUsingGpuDevice()
  if (onGpu) await checkGpu(tf, gpu.name)
  return {
    name: 'native',
    device: onGpu ? gpu.name : process.platform === 'linux' ? 'CPU (oneDNN)' : 'CPU',
    version: backend.binding.TF_Version,
    tf,
    isNative: true,
    executor: 'graph',
    precisions: nativePrecisions(onGpu),
    precision: 'float32',
    threads: threadCount(),
    tensorCount: () => backend.getNumOfTFTensors(),
    reason: gpu.explain(onGpu)
  }
}
