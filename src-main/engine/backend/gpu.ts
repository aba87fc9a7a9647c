import { checkConvolution, type Tfjs } from './backend.ts'
import { explainCpuBuild, explainMissingGpu, findObstacle } from './gpu-diagnosis.ts'
import { isGpuForbidden, setUpGpu } from './gpu-settings.ts'
import { isGpuBuild, type NativeState } from './native-state.ts'
import { readNvidiaFacts, thisMachine, type Machine } from './nvidia.ts'

/** The GPU that TensorFlow will use, if it can. */
export type GpuPlan = {
  name: string
  /** What to know about the GPU in use, or what keeps TensorFlow from using one; one sentence or empty. */
  explain(isOnGpu: boolean): string
}

/** Chooses the GPU and sets the environment, before TensorFlow is loaded. On a build for the CPU nothing is set. */
export function planGpu(state: NativeState, machine: Machine = thisMachine): GpuPlan {
  const name = 'NVIDIA GPU'
  if (!isGpuBuild(state)) return { name, explain: (isOnGpu) => (isOnGpu ? '' : explainCpuBuild(machine, state)) }
  if (isGpuForbidden(machine.env)) return { name, explain: () => '' }
  const facts = readNvidiaFacts(machine)
  const choice = setUpGpu(machine, facts, state.library)
  const obstacle = findObstacle(machine, facts, choice, state)
  // TensorFlow would find out in the middle of opening the GPU, and may end the process.
  if (obstacle) machine.env.CUDA_VISIBLE_DEVICES = ''
  return { name: choice.name, explain: (isOnGpu) => (isOnGpu ? choice.note : obstacle || explainMissingGpu(facts)) }
}

/** Computes a convolution on the GPU; throws with what fails and how to get on. */
export async function checkGpu(
  tf: Tfjs,
  name: string,
  check: (tf: Tfjs) => Promise<void> = checkConvolution
): Promise<void> {
  try {
    await check(tf)
  } catch (error) {
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    const detail = line.trim().replace(/[.\s]+$/, '')
    throw new Error(
      `TensorFlow fails on the ${name} (${detail}); set CUDA_VISIBLE_DEVICES to another GPU, or to nothing to compute on the CPU.`,
      { cause: error }
    )
  }
}
