import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { packageRoot } from '../../../src-main/package-root.ts'
import { chromiumPath } from '../../helpers/chromium.ts'

/** Environment of a process that is to find a device for WebGPU; or, in one sentence, why there can be none. */
export type Renderer = { env: Record<string, string>; reason: string }

const driver = 'vk_swiftshader_icd.json'

/** Where a Chromium keeps its SwiftShader, a Vulkan device that computes on the CPU; undefined where there is none. */
function findSwiftShader(): string | undefined {
  const chromium = chromiumPath()
  const usual = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome', '/opt/microsoft/msedge']
  const folders = [
    ...(chromium ? [dirname(realpathSync(chromium))] : []),
    ...usual,
    join(packageRoot, 'node_modules', 'electron', 'dist')
  ]
  return folders.find((folder) => [driver, 'libvk_swiftshader.so'].every((name) => existsSync(join(folder, name))))
}

/**
 * On Linux Chromium's SwiftShader with the Vulkan loader beside it, so that nothing else need be installed; elsewhere,
 * and where AUTODIDACT_TEST_GPU is set, the machine's own device.
 */
export function findRenderer(): Renderer {
  if (process.platform !== 'linux' || process.env.AUTODIDACT_TEST_GPU) return { env: {}, reason: '' }
  const folder = findSwiftShader()
  if (!folder)
    return {
      env: {},
      reason: 'no Chromium with SwiftShader is found; install one, or set CHROMIUM_PATH or AUTODIDACT_TEST_GPU'
    }
  const file = join(folder, driver)
  const libraries = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':')
  return { env: { VK_ICD_FILENAMES: file, VK_DRIVER_FILES: file, LD_LIBRARY_PATH: libraries }, reason: '' }
}
