import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isGpuForbidden, oldestCapability, type GpuChoice } from './gpu-settings.ts'
import { isGpuBuild, type NativeState } from './native-state.ts'
import { isOlder, readNvidiaFacts, type Machine, type NvidiaFacts } from './nvidia.ts'

/** Oldest NVIDIA driver for Linux that runs CUDA 12. */
const oldestDriver = '525.60.13'

/** The first of the CUDA files that set-up listed in `library` and that is gone; undefined if all are there. */
export function findMissingFile(library: string): string | undefined {
  const list = join(library, 'complete')
  if (!library || !existsSync(list)) return undefined
  const names = readFileSync(list, 'utf8').split('\n').filter(Boolean)
  return names.find((name) => !existsSync(join(library, name)))
}

const quote = (complaint: string) => (complaint ? ` (nvidia-smi: ${complaint.replace(/[.\s]+$/, '')})` : '')

/** What is in the way, in the order in which TensorFlow would come upon it; each is asked for only if needed. */
function* findObstacles(machine: Machine, facts: NvidiaFacts, choice: GpuChoice, library: string): Generator<string> {
  const { driver, gpus, hasDeviceFile, complaint } = facts
  const said = quote(complaint)
  if (!driver) {
    yield `TensorFlow is built for an NVIDIA GPU here, but no NVIDIA driver is at work${said}, so the CPU is used; install the NVIDIA driver ${oldestDriver} or newer.`
  } else if (isOlder(driver, oldestDriver)) {
    yield `The NVIDIA driver is ${driver}, and CUDA 12 needs ${oldestDriver} or newer, so the CPU is used; update the driver.`
  }
  if (gpus.length === 0 && !hasDeviceFile) {
    yield `The NVIDIA driver ${driver} is there, but no GPU is${said}, so the CPU is used; give this container or job a GPU (docker: --gpus all).`
  }
  for (const name of ['libcuda.so.1', 'libnvidia-ml.so.1']) {
    if (machine.canLoad(name)) continue
    yield `The library ${name} of the NVIDIA driver cannot be loaded, so the CPU is used; install the whole driver, or start the container with NVIDIA_DRIVER_CAPABILITIES=compute,utility.`
  }
  const visible = machine.env.CUDA_VISIBLE_DEVICES ?? ''
  if (/^\d+$/.test(visible) && gpus.length > 0 && !gpus.some(({ index }) => index === Number(visible))) {
    const known = gpus.map(({ index }) => index).join(', ')
    yield `CUDA_VISIBLE_DEVICES is "${visible}", but the GPUs here are ${known}, so the CPU is used; name one of these.`
  }
  const { gpu } = choice
  if (gpu && gpu.capability < oldestCapability) {
    yield `The ${gpu.name} has compute capability ${gpu.capability.toFixed(1)}, and TensorFlow 2.21 needs ${oldestCapability.toFixed(1)} or newer, so the CPU is used; \`--backend webgpu\` may use this GPU.`
  }
  const missing = findMissingFile(library)
  if (missing)
    yield `TensorFlow's CUDA libraries in the cache lack ${missing}, so the CPU is used; run \`npm run setup\`.`
}

/** One sentence on what keeps TensorFlow's build for GPUs from using the chosen GPU; empty if nothing is known. */
export function findObstacle(
  machine: Machine,
  facts: NvidiaFacts,
  choice: GpuChoice,
  { library }: Pick<NativeState, 'library'>
): string {
  return findObstacles(machine, facts, choice, library).next().value ?? ''
}

/** One sentence for the case that TensorFlow finds no GPU though nothing known is in the way. */
export const explainMissingGpu = ({ driver, complaint }: NvidiaFacts): string =>
  `TensorFlow finds no GPU that it can use, though the NVIDIA driver ${driver} is there${quote(complaint)}; its log, shown with TF_CPP_MIN_LOG_LEVEL=0, says why.`

/** One sentence on an NVIDIA GPU that the build for the CPU leaves unused: what set-up noted, or what came later. */
export function explainCpuBuild(machine: Machine, state: NativeState): string {
  if (isGpuBuild(state) || isGpuForbidden(machine.env)) return ''
  if (state.note || !existsSync(join(machine.driverFolder, 'version')) || !state.variant) return state.note
  const { driver, gpus, hasDeviceFile } = readNvidiaFacts(machine)
  if (!driver || isOlder(driver, oldestDriver) || (gpus.length === 0 && !hasDeviceFile)) return ''
  return `The NVIDIA driver ${driver} came after set-up, which built TensorFlow for the CPU; run \`npm run setup\` to use the GPU.`
}
