import { describe, expect, it } from 'vitest'
import { hasLibrary, nameAdapter, refuseAdapter } from '../../../src-main/engine/backend/webgpu.ts'

describe('the WebGPU adapter', () => {
  it('is refused where there is none', () => {
    expect(refuseAdapter(null, false)).toContain('install the driver')
    expect(refuseAdapter(null, true)).toContain('install the driver')
  })

  it('is taken if it is a GPU', () => {
    const info = {
      vendor: 'amd',
      architecture: 'rdna-3',
      device: '0x744c',
      description: 'Radeon',
      isFallbackAdapter: false
    }
    expect(refuseAdapter({ info }, false)).toBeUndefined()
    expect(refuseAdapter({}, false)).toBeUndefined()
  })

  it.each([
    { vendor: 'google', architecture: 'swiftshader' },
    { description: 'llvmpipe (LLVM 15.0.6, 256 bits)' },
    { isFallbackAdapter: true }
  ])('is only taken by name if it computes on the CPU: %o', (info) => {
    expect(refuseAdapter({ info }, false)).toContain('--backend webgpu')
    expect(refuseAdapter({ info }, true)).toBeUndefined()
  })

  it.each([
    [
      { vendor: 'nvidia', architecture: 'ampere', device: 'nvidia-geforce-rtx-3090', description: 'NVIDIA: 535.54.03' },
      'nvidia geforce rtx 3090 (NVIDIA: 535.54.03)'
    ],
    [{ device: 'swiftshader-device-subzero-', description: '' }, 'swiftshader device subzero'],
    [{ vendor: 'amd', architecture: 'rdna-3', device: '0x744c', description: '' }, 'amd rdna 3 0x744c'],
    [{ vendor: 'intel', architecture: '', device: '', description: 'D3D12' }, 'intel (D3D12)'],
    [{ vendor: '', architecture: '', device: '', description: 'Metal' }, 'Metal'],
    [undefined, 'GPU']
  ])('is named by its GPU and its driver: %o', (info, name) => expect(nameAdapter(info)).toBe(name))

  it.runIf(process.platform === 'linux')('knows whether the system has a library', () => {
    expect(hasLibrary('libm.so.6')).toBe(true)
    expect(hasLibrary('libno-such-thing.so.1')).toBe(false)
  })
})
