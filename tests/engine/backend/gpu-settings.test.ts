import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addCudaFolder, setTf32, setUpGpu } from '../../../src-main/engine/backend/gpu-settings.ts'
import { readNvidiaFacts } from '../../../src-main/engine/backend/nvidia.ts'
import { lists, makeGpuState, makeMachine, oneGpu } from './nvidia-machine.ts'

const small = '0, GPU-aa11, Small, 550.54.14, 3000, 8.6'
const large = '1, GPU-bb22, Large, 550.54.14, 9000, 8.0'

/** Chooses the GPU on a faked machine; gives the choice and the environment for TensorFlow. */
function setUp(rows: string[], env: NodeJS.ProcessEnv = {}) {
  const smi = rows.length > 0 ? { smi: lists(...rows) } : {}
  const machine = makeMachine({ driver: '550.54.14', ...smi, env })
  return { ...setUpGpu(machine, readNvidiaFacts(machine), '/no/such/folder'), env: machine.env }
}

describe('the GPU of a process', () => {
  it('is the one with the most free memory, as nvidia-smi counts', () => {
    expect(setUp([small, large])).toMatchObject({
      name: 'Large',
      note: 'GPU 1 of 2 is used, the one with the most free memory; set CUDA_VISIBLE_DEVICES to use another.',
      env: { CUDA_VISIBLE_DEVICES: '1', CUDA_DEVICE_ORDER: 'PCI_BUS_ID' }
    })
    expect(setUp([small, large.replace('9000', '3000')])).toMatchObject({ env: { CUDA_VISIBLE_DEVICES: '0' } })
    expect(setUp([small, large.replace('9000', '[N/A]')])).toMatchObject({ env: { CUDA_VISIBLE_DEVICES: '0' } })
  })

  it('is not one that TensorFlow cannot use', () => {
    expect(setUp([small, large.replace('8.0', '5.2')])).toMatchObject({ env: { CUDA_VISIBLE_DEVICES: '0' } })
    expect(setUp([small.replace('8.6', '5.2')])).toMatchObject({ gpu: { capability: 5.2 } })
  })

  it('is the first without nvidia-smi, and the only one without a word', () => {
    expect(setUp([])).toMatchObject({ name: 'NVIDIA GPU', note: '', env: { CUDA_VISIBLE_DEVICES: '0' } })
    expect(setUp([oneGpu])).toMatchObject({ note: '', env: { CUDA_VISIBLE_DEVICES: '0' } })
  })

  it("is the first of the user's, by index or by name, whatever order he gave them", () => {
    expect(setUp([small, large], { CUDA_VISIBLE_DEVICES: '1' })).toMatchObject({ name: 'Large', note: '' })
    expect(setUp([small, large], { CUDA_VISIBLE_DEVICES: 'GPU-bb' })).toMatchObject({ name: 'Large', note: '' })
    expect(setUp([small, large], { CUDA_VISIBLE_DEVICES: '1, 0' })).toMatchObject({
      name: 'Large',
      note: 'CUDA_VISIBLE_DEVICES is "1, 0", but one process uses one GPU, so only 1 is used.',
      env: { CUDA_VISIBLE_DEVICES: '1', CUDA_DEVICE_ORDER: 'PCI_BUS_ID' }
    })
    const env = { CUDA_VISIBLE_DEVICES: '1', CUDA_DEVICE_ORDER: 'FASTEST_FIRST' }
    expect(setUp([small, large], env)).toMatchObject({ name: 'NVIDIA GPU', env })
  })

  it('is told of where its kernels must be compiled first', () => {
    const { note, env } = setUp(['0, GPU-1, NVIDIA GeForce RTX 5090, 575.1, 30000, 12.0'])
    expect(note).toBe(
      'TensorFlow 2.21 is older than this GPU (compute capability 12.0), so the driver compiles its kernels at their first use, which can take minutes to half an hour, once.'
    )
    expect(env.CUDA_CACHE_MAXSIZE).toBe('4294967296')
    expect(setUp([oneGpu]).env.CUDA_CACHE_MAXSIZE).toBeUndefined()
  })
})

describe('TF32', () => {
  const override = (env: NodeJS.ProcessEnv) => {
    setTf32(env)
    return env.NVIDIA_TF32_OVERRIDE
  }

  it('stays as TensorFlow has it unless it is switched off', () => {
    expect(override({})).toBeUndefined()
    expect(override({ AUTODIDACT_TF32: '' })).toBeUndefined()
    expect(override({ AUTODIDACT_TF32: 'on' })).toBeUndefined()
    expect(override({ AUTODIDACT_TF32: 'off' })).toBe('0')
    expect(override({ AUTODIDACT_TF32: 'off', NVIDIA_TF32_OVERRIDE: '1' })).toBe('1')
    expect(() => setTf32({ AUTODIDACT_TF32: '0' })).toThrow('AUTODIDACT_TF32 is "0", but must be on or off.')
    expect(setUp([oneGpu], { AUTODIDACT_TF32: 'off' }).env.NVIDIA_TF32_OVERRIDE).toBe('0')
  })
})

describe("XLA's compiler", () => {
  it('is found in the cache unless the user names one', () => {
    expect(addCudaFolder('', '/cache/cuda_nvcc')).toBe('--xla_gpu_cuda_data_dir=/cache/cuda_nvcc')
    expect(addCudaFolder('--xla_dump_to=/d', '/c')).toBe('--xla_dump_to=/d --xla_gpu_cuda_data_dir=/c')
    expect(addCudaFolder('', '/my cache')).toBe("--xla_gpu_cuda_data_dir='/my cache'")
    for (const own of ['--xla_gpu_cuda_data_dir=/usr/local/cuda', '/my/flags.txt']) {
      expect(addCudaFolder(own, '/c')).toBe(own)
    }
  })

  it('is named where it is there', () => {
    const machine = makeMachine({})
    const state = makeGpuState()
    setUpGpu(machine, readNvidiaFacts(machine), state.library)
    expect(machine.env.XLA_FLAGS).toBe(`--xla_gpu_cuda_data_dir=${join(state.library, 'nvidia', 'cuda_nvcc')}`)
    expect(setUp([oneGpu]).env.XLA_FLAGS).toBeUndefined()
  })
})
