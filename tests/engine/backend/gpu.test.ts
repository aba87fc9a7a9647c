import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Tfjs } from '../../../src-main/engine/backend/backend.ts'
import { checkGpu, planGpu } from '../../../src-main/engine/backend/gpu.ts'
import { readGpuName, readNvidiaFacts } from '../../../src-main/engine/backend/nvidia.ts'
import { createContext } from '../../../tools/setup/context.mjs'
import * as setUp from '../../../tools/setup/nvidia.mjs'
import {
  fails,
  lists,
  makeFolder,
  makeGpuState,
  makeMachine,
  oneGpu,
  writeFiles,
  type Parts
} from './nvidia-machine.ts'

const working: Parts = { driver: '550.54.14', devices: ['nvidia0'], smi: lists(oneGpu) }
const explain = (parts: Parts, gone?: string) => planGpu(makeGpuState(gone), makeMachine(parts)).explain(false)

describe('why TensorFlow computes on the CPU though it was built for a GPU', () => {
  const cases: { what: string; parts: Parts; gone?: string; says: string }[] = [
    {
      what: 'no driver',
      parts: {},
      says: 'TensorFlow is built for an NVIDIA GPU here, but no NVIDIA driver is at work, so the CPU is used; install the NVIDIA driver 525.60.13 or newer.'
    },
    {
      what: 'a driver that nvidia-smi does not reach',
      parts: { smi: fails('NVIDIA-SMI has failed. Make sure that the driver is running.') },
      says: 'TensorFlow is built for an NVIDIA GPU here, but no NVIDIA driver is at work (nvidia-smi: NVIDIA-SMI has failed. Make sure that the driver is running), so the CPU is used; install the NVIDIA driver 525.60.13 or newer.'
    },
    {
      what: 'a driver that is too old',
      parts: { ...working, driver: '515.105.01' },
      says: 'The NVIDIA driver is 515.105.01, and CUDA 12 needs 525.60.13 or newer, so the CPU is used; update the driver.'
    },
    {
      what: 'a driver that is too old, told by nvidia-smi alone',
      parts: { smi: lists(oneGpu.replace('550.54.14', '470.1')) },
      says: 'The NVIDIA driver is 470.1, and CUDA 12 needs 525.60.13 or newer, so the CPU is used; update the driver.'
    },
    {
      what: 'a container without a GPU',
      parts: { driver: '550.54.14', devices: ['nvidiactl'], smi: fails('No devices were found') },
      says: 'The NVIDIA driver 550.54.14 is there, but no GPU is (nvidia-smi: No devices were found), so the CPU is used; give this container or job a GPU (docker: --gpus all).'
    },
    ...['libcuda.so.1', 'libnvidia-ml.so.1'].map((name) => ({
      what: `no ${name}`,
      parts: { ...working, unloadable: [name] },
      says: `The library ${name} of the NVIDIA driver cannot be loaded, so the CPU is used; install the whole driver, or start the container with NVIDIA_DRIVER_CAPABILITIES=compute,utility.`
    })),
    {
      what: 'a GPU that is not there',
      parts: { ...working, env: { CUDA_VISIBLE_DEVICES: '3' } },
      says: 'CUDA_VISIBLE_DEVICES is "3", but the GPUs here are 0, so the CPU is used; name one of these.'
    },
    {
      what: 'a GPU that is too old',
      parts: { ...working, smi: lists('0, GPU-1, NVIDIA GeForce GTX 960, 550.54.14, 3000, 5.2') },
      says: 'The NVIDIA GeForce GTX 960 has compute capability 5.2, and TensorFlow 2.21 needs 6.0 or newer, so the CPU is used; `--backend webgpu` may use this GPU.'
    },
    {
      what: 'a library that is gone from the cache',
      parts: working,
      gone: 'nvidia/cudnn/lib/libcudnn.so.9',
      says: "TensorFlow's CUDA libraries in the cache lack nvidia/cudnn/lib/libcudnn.so.9, so the CPU is used; run `npm run setup`."
    },
    {
      what: 'none of these',
      parts: { ...working, smi: fails('Failed to initialize NVML: Driver/library version mismatch') },
      says: 'TensorFlow finds no GPU that it can use, though the NVIDIA driver 550.54.14 is there (nvidia-smi: Failed to initialize NVML: Driver/library version mismatch); its log, shown with TF_CPP_MIN_LOG_LEVEL=0, says why.'
    }
  ]
  it.each(cases)('$what', ({ parts, gone, says }) => {
    expect(explain(parts, gone)).toBe(says)
  })

  it('is known before TensorFlow is loaded, which may crash on it: it sees no GPU then', () => {
    const visible = (parts: Parts, gone?: string) => {
      const machine = makeMachine(parts)
      planGpu(makeGpuState(gone), machine)
      return machine.env.CUDA_VISIBLE_DEVICES
    }
    expect(visible(working)).toBe('0')
    expect(visible(working, 'nvidia/cublas/lib/libcublas.so.12')).toBe('')
    expect(visible({ ...working, driver: '470.1' })).toBe('')
    expect(visible({ ...working, smi: lists(oneGpu.replace('8.0', '5.2')) })).toBe('')
  })

  it('is nothing to say where the user asked for the CPU', () => {
    for (const CUDA_VISIBLE_DEVICES of ['', ' ', '-1', 'NoDevFiles']) {
      const machine = makeMachine({ env: { CUDA_VISIBLE_DEVICES } })
      expect(planGpu(makeGpuState(), machine).explain(false)).toBe('')
      expect(machine.env.CUDA_DEVICE_ORDER).toBeUndefined()
    }
  })
})

describe('why the build for the CPU leaves a GPU unused', () => {
  const cpuState = { reason: '', variant: '2.21.0-cpu-linux-x64', library: '', note: '' }
  const explainCpu = (parts: Parts, note = '') => planGpu({ ...cpuState, note }, makeMachine(parts)).explain(false)

  it('is what set-up noted', () => {
    expect(explainCpu({}, 'The NVIDIA driver is 470.')).toBe('The NVIDIA driver is 470.')
    expect(explainCpu({ env: { CUDA_VISIBLE_DEVICES: '' } }, 'The NVIDIA driver is 470.')).toBe('')
  })

  it('is a driver that came later, or nothing', () => {
    expect(explainCpu(working)).toBe(
      'The NVIDIA driver 550.54.14 came after set-up, which built TensorFlow for the CPU; run `npm run setup` to use the GPU.'
    )
    expect(explainCpu({})).toBe('')
    expect(explainCpu({ driver: '550.54.14' })).toBe('')
  })

  it('needs no setting', () => {
    const machine = makeMachine(working)
    const before = { ...machine.env }
    planGpu(cpuState, machine)
    expect(machine.env).toEqual(before)
  })
})

describe('the GPU in use', () => {
  it('has the name that nvidia-smi tells, and nothing to say about it', () => {
    const plan = planGpu(makeGpuState(), makeMachine(working))
    expect(plan.name).toBe('NVIDIA A100-SXM4-40GB')
    expect(plan.explain(true)).toBe('')
  })

  it("has the driver's name for it without nvidia-smi", () => {
    const machine = makeMachine({ driver: '550.54.14', devices: ['nvidia0'] })
    expect(planGpu(makeGpuState(), machine).name).toBe('NVIDIA GPU')
    writeFiles(machine.driverFolder, { 'gpus/0000:01:00.0/information': 'Model: \t\t NVIDIA Something 90\nIRQ: 7\n' })
    expect(planGpu(makeGpuState(), machine).name).toBe('NVIDIA Something 90')
  })

  it('fails with a sentence that says how to get on', async () => {
    const failing = (message: string) => () => Promise.reject(new Error(message))
    await expect(checkGpu({} as Tfjs, 'NVIDIA A100', failing('No algorithm worked!\nand more'))).rejects.toThrow(
      'TensorFlow fails on the NVIDIA A100 (No algorithm worked!); set CUDA_VISIBLE_DEVICES to another GPU, or to nothing to compute on the CPU.'
    )
    await expect(checkGpu({} as Tfjs, 'any', () => Promise.resolve())).resolves.toBeUndefined()
  })
})

describe('what the machine tells', () => {
  it('is read as set-up reads it', () => {
    const smi = `case "$1" in *compute_cap*) ${fails('Field "compute_cap" is not a valid field to query.')};; esac
case "$1" in *uuid*) ${lists('0, GPU-1, Tesla K80, 470.82.01, 11000')};; *) ${lists('0, Tesla K80, 470.82.01')};; esac`
    for (const parts of [{}, { smi }, { driver: '535.1' }, { smi: fails('No devices were found') }]) {
      const machine = makeMachine(parts)
      const ours = readNvidiaFacts(machine)
      const theirs = setUp.readNvidiaFacts({ ...createContext(makeFolder(), machine.env), ...machine })
      expect(theirs).toMatchObject({ driver: ours.driver, complaint: ours.complaint })
      expect(theirs.gpus).toMatchObject(ours.gpus.map(({ name, capability }) => ({ name, capability })))
    }
  })

  it("has the GPU's name in the driver's folder if there is one", () => {
    const driverFolder = makeFolder()
    expect(readGpuName({ driverFolder: join(driverFolder, 'none') })).toBe('NVIDIA GPU')
    writeFiles(driverFolder, { 'gpus/0000:01:00.0/information': 'Model: \t\t NVIDIA Something 90\nIRQ: 7\n' })
    expect(readGpuName({ driverFolder })).toBe('NVIDIA Something 90')
    writeFiles(driverFolder, { 'gpus/0000:02:00.0/information': 'Model: NVIDIA Other\n' })
    expect(readGpuName({ driverFolder })).toBe('NVIDIA GPU')
  })
})
