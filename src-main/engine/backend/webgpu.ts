import { constants } from 'node:os'
import type { Backend } from './backend.ts'
import { requireQuietly, requireTfjs } from './backend-modules.ts'

type AdapterInfo = {
  vendor?: string
  architecture?: string
  /** The GPU's name, in small letters with - for all else. */
  device?: string
  /** The driver and its version. */
  description?: string
  isFallbackAdapter?: boolean
}
type Adapter = { info?: AdapterInfo }
type Gpu = { requestAdapter(options: { powerPreference: string }): Promise<Adapter | null> }
type Dawn = { create(flags: string[]): Gpu; globals: Record<string, unknown> }

const noDriver = 'No GPU with a Vulkan, Metal or Direct3D 12 driver is found; install the driver of your GPU.'
const noLoader =
  'The Vulkan loader (libvulkan.so.1) is missing; install it with the Vulkan driver of your GPU (Debian: libvulkan1).'
const softwareReason = 'This adapter is no GPU: it computes on the CPU, and more slowly than wasm does.'
const softwareRenderers = /swiftshader|llvmpipe|lavapipe|basic render/i

function isSoftware({ info = {} }: Adapter): boolean {
  const { isFallbackAdapter, vendor, architecture, device, description } = info
  return isFallbackAdapter || softwareRenderers.test([vendor, architecture, device, description].join(' '))
}

/** What a report calls the device: the GPU with its driver, as far as they are known. */
export function nameAdapter({ vendor, architecture, device, description }: AdapterInfo = {}): string {
  // Some drivers know no more than the GPU's number.
  const isNumber = /^0x[0-9a-f]+$/i.test(device ?? '')
  const words = device && !isNumber ? [device] : [vendor, architecture, device]
  const name = words.join(' ').replaceAll('-', ' ').replace(/\s+/g, ' ').trim()
  if (!name) return description || 'GPU'
  return description ? `${name} (${description})` : name
}

/** A sentence on why `adapter` is no GPU worth choosing, or undefined if it is one. */
export function refuseAdapter(adapter: Adapter | null, allowSoftware: boolean): string | undefined {
  if (!adapter) return noDriver
  if (isSoftware(adapter) && !allowSoftware)
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
  if (process.platform === 'linux' && !hasLibrary('libvulkan.so.1')) throw new Error(noLoader)
  const { create, globals } = (await import('webgpu')) as unknown as Dawn
  const gpu = create([])
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  const refusal = refuseAdapter(adapter, allowSoftware)
  if (refusal) throw new Error(refusal)
  defineGlobals(gpu, globals)
  const tf = requireTfjs()
  const { version_webgpu: version } = requireQuietly<{ version_webgpu?: string }>('@tensorflow/tfjs-backend-webgpu')
  if (!(await tf.setBackend('webgpu'))) throw new Error('The GPU refuses to open a device.')
  return {
    name: 'webgpu',
    device: nameAdapter(adapter?.info),
    version: version ?? tf.version.tfjs,
    tf,
    isNative: false,
    executor: 'eager',
    precisions: ['float32'],
    precision: 'float32',
    threads: 1,
    tensorCount: () => tf.memory().numTensors,
    reason: adapter && isSoftware(adapter) ? softwareReason : ''
  }
}
