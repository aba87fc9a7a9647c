import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../../src-shared/errors.ts'
import { readGpuName, type Gpu, type Machine, type NvidiaFacts } from './nvidia.ts'

/** Oldest compute capability that TensorFlow 2.21 has kernels for (its build_info: sm_60 to compute_90). */
export const oldestCapability = 6
const newestCapability = 9

/** The GPU that this process uses, and what to know about the choice in one sentence, which may be empty. */
export type GpuChoice = { name: string; note: string; gpu: Gpu | undefined }

/** Whether CUDA_VISIBLE_DEVICES says that no GPU may be used. */
export function isGpuForbidden({ CUDA_VISIBLE_DEVICES: wish }: NodeJS.ProcessEnv): boolean {
  return wish !== undefined && /^\s*(-1.*|NoDevFiles)?\s*$/i.test(wish)
}

function findByName(gpus: Gpu[], name: string, isInOrder: boolean): Gpu | undefined {
  if (/^\d+$/.test(name)) return isInOrder ? gpus.find(({ index }) => index === Number(name)) : undefined
  return gpus.find(({ uuid }) => uuid.startsWith(name))
}

function chooseFreest(gpus: Gpu[]): Gpu | undefined {
  const usable = gpus.filter(({ capability }) => !(capability < oldestCapability))
  const freeOf = ({ freeMegabytes }: Gpu) => (Number.isNaN(freeMegabytes) ? -1 : freeMegabytes)
  // The sort is stable: of equal ones the first is taken.
  return usable.toSorted((a, b) => freeOf(b) - freeOf(a))[0] ?? gpus[0]
}

/**
 * Lets this process see one GPU: the first of the user's CUDA_VISIBLE_DEVICES, otherwise the one with the most free
 * memory, otherwise the first. With two, tfjs puts tensors on one and computes on the other. Indices are nvidia-smi's.
 */
export function chooseGpu(machine: Machine, { gpus }: NvidiaFacts): GpuChoice {
  const { env } = machine
  const named = (gpu: Gpu | undefined, note: string) => ({
    name: gpu?.name || (gpus.length > 1 ? 'NVIDIA GPU' : readGpuName(machine)),
    note,
    gpu
  })
  const wish = env.CUDA_VISIBLE_DEVICES
  if (wish === undefined) {
    const gpu = chooseFreest(gpus)
    env.CUDA_DEVICE_ORDER = 'PCI_BUS_ID'
    env.CUDA_VISIBLE_DEVICES = String(gpu?.index ?? 0)
    const why = `GPU ${gpu?.index} of ${gpus.length} is used, the one with the most free memory; set CUDA_VISIBLE_DEVICES to use another.`
    return named(gpu, gpus.length > 1 ? why : '')
  }
  env.CUDA_DEVICE_ORDER ??= 'PCI_BUS_ID'
  const [first = '', ...others] = wish.split(',').map((part) => part.trim())
  env.CUDA_VISIBLE_DEVICES = first
  const note = `CUDA_VISIBLE_DEVICES is "${wish}", but one process uses one GPU, so only ${first} is used.`
  const gpu = findByName(gpus, first, env.CUDA_DEVICE_ORDER === 'PCI_BUS_ID')
  return named(gpu, others.length > 0 ? note : '')
}

/**
 * TF32 (multiplying with 10 bits of mantissa on Ampere and later) stays as TensorFlow has it, on, unless
 * AUTODIDACT_TF32 is `off` or the user set NVIDIA_TF32_OVERRIDE himself. Throws a UserError for another word.
 */
export function setTf32(env: NodeJS.ProcessEnv): void {
  const wish = env.AUTODIDACT_TF32 || 'on'
  if (wish !== 'on' && wish !== 'off') throw new UserError(`AUTODIDACT_TF32 is "${wish}", but must be on or off.`)
  if (wish === 'off') env.NVIDIA_TF32_OVERRIDE ??= '0'
}

/** XLA_FLAGS with the folder in which XLA finds ptxas and libdevice, unless the user names one or a file of flags. */
export function addCudaFolder(flags: string, cudaFolder: string): string {
  const isFile = flags.trim() !== '' && !flags.trim().startsWith('-')
  if (isFile || flags.includes('--xla_gpu_cuda_data_dir')) return flags
  const quote = /\s/.test(cudaFolder) ? "'" : ''
  return [flags.trim(), `--xla_gpu_cuda_data_dir=${quote}${cudaFolder}${quote}`].filter(Boolean).join(' ')
}

/** Prepares the environment for TensorFlow's build for GPUs, whose libraries lie in `library`; call it before loading. */
export function setUpGpu(machine: Machine, facts: NvidiaFacts, library: string): GpuChoice {
  const { env } = machine
  setTf32(env)
  const cudaFolder = join(library, 'nvidia', 'cuda_nvcc')
  if (library && existsSync(cudaFolder)) env.XLA_FLAGS = addCudaFolder(env.XLA_FLAGS ?? '', cudaFolder)
  const choice = chooseGpu(machine, facts)
  if (!choice.gpu || !(choice.gpu.capability >= newestCapability + 1)) return choice
  // What the driver compiles is kept between starts, if it fits in: the largest cache that CUDA allows.
  env.CUDA_CACHE_MAXSIZE ??= String(2 ** 32)
  const slow = `TensorFlow 2.21 is older than this GPU (compute capability ${choice.gpu.capability.toFixed(1)}), so the driver compiles its kernels at their first use, which can take minutes to half an hour, once.`
  return { ...choice, note: [choice.note, slow].filter(Boolean).join(' ') }
}
