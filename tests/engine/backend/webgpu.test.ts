import { describe, expect, it } from 'vitest'
import { hasLibrary, refuseAdapter } from '../../../src-main/engine/backend/webgpu.ts'

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

  it.runIf(process.platform === 'linux')('knows whether the system has a library', () => {
    expect(hasLibrary('libm.so.6')).toBe(true)
    expect(hasLibrary('libno-such-thing.so.1')).toBe(false)
  })
})
