import { constants } from 'node:os'
import type { Backend } from './backend.ts'
import { requireQuietly, requireTfjs } from './backend-modules.ts'

type Adapter = {
  info?: { vendor?: string; architecture?: string; device?: string; description?: string; isFallbackAdapter?: boolean }
}
type Gpu = { requestAdapter(options: { powerPreference: string }): Promise<Adapter | null> }
type Dawn = { create(flags: string[]): Gpu; globals: Record<string, unknown> }

const noDriver = 'No GPU with a Vulkan, Metal or Direct3D 12 driver is found; install the driver of your GPU.'
const softwareRenderers = /swiftshader|llvmpipe|lavapipe|basic render/i

/** A sentence on why `adapter` is no GPU worth choosing, or undefined if it is one. */
export function refuseAdapter(adapter: Adapter | null, allowSoftware: boolean): string | undefined {
  if (!adapter) return noDriver
  const { isFallbackAdapter, ...names } = adapter.info ?? {}
  const isSoftware = isFallbackAdapter || softwareRenderers.test(Object.values(names).join(' '))
  if (isSoftware && !allowSoftware)
    return 'The only adapter computes on the CPU; `--backend webgpu` uses it all the same.'
  return undefined
}

/** Whether the system has `library`. Asked first because Dawn complains on stderr where its loader is missing. */
export function hasLibrary(library: string): boolean {
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_LAZY)
    return true
  } catch (error) {
    // A library that is found but is no addon of Node's says that it `did not self-register`.
    return String(error).includes('self-register')
  }
}

function defineGlobals(gpu: Gpu, globals: Record<string, unknown>): void {
  Object.assign(globalThis, globals)
  const navigator = { ...(globalThis as { navigator?: object }).navigator, gpu }
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true, writable: true })
}

/** Opens WebGPU on Dawn; throws if no adapter is found, or only a software one that was not asked for by name. */
export async function openWebgpu(allowSoftware: boolean): Promise<Backend> {
  if (process.platform === 'linux' && !hasLibrary('libvulkan.so.1')) throw new Error(noDriver)
  const { create, globals } = (await import('webgpu')) as unknown as Dawn
  const gpu = create([])
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  const refusal = refuseAdapter(adapter, allowSoftware)
  if (refusal) throw new Error(refusal)
  defineGlobals(gpu, globals)
  const tf = requireTfjs()
  const { version_webgpu: version } = requireQuietly<{ version_webgpu?: string }>('@tensorflow/tfjs-backend-webgpu')
  if (!(await tf.setBackend('webgpu'))) throw new Error('The GPU refuses to open a device.')
  const { description, device, vendor, architecture } = adapter?.info ?? {}
  return {
    name: 'webgpu',
    device: description || device || [vendor, architecture].filter(Boolean).join(' ') || 'GPU',
    version: version ?? tf.version.tfjs,
    tf,
    isNative: false,
    executor: 'eager',
    precisions: ['float32'],
    precision: 'float32',
    threads: 1,
    tensorCount: () => tf.memory().numTensors,
    reason: ''
  }
}
