import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../package-root.ts'

/** What set-up (tools/setup/native.mjs) remembered about the native backend; every text may be empty. */
export type NativeState = {
  /** One sentence on why it could not be built. */
  reason: string
  /** The build of TensorFlow, for instance `2.21.0-gpu-linux-x64`. */
  variant: string
  /** Folder of its libraries in the cache. */
  library: string
  /** One sentence on why an NVIDIA GPU that is here is not used by the build for the CPU. */
  note: string
}

const howToGet = 'Run `npm run setup` to get it.'

/** Reads what set-up remembered for the package in `root`; what is missing or unreadable is in `reason`. */
export function readNativeState(root: string = packageRoot): NativeState {
  const file = join(root, 'node_modules', '.autodidact', 'native.json')
  const none = { reason: '', variant: '', library: '', note: '' }
  if (!existsSync(file)) return { ...none, reason: `The native backend has not been set up here. ${howToGet}` }
  try {
    const state = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
    const text = (key: keyof NativeState) => (typeof state[key] === 'string' ? state[key] : '')
    return { reason: text('reason'), variant: text('variant'), library: text('library'), note: text('note') }
  } catch {
    return { ...none, reason: `What set-up wrote about the native backend is unreadable. ${howToGet}` }
  }
}

/** Whether TensorFlow was built for an NVIDIA GPU. */
export const isGpuBuild = ({ variant }: NativeState): boolean => variant.includes('-gpu-')
