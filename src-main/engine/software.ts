import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../package-root.ts'
import type { Backend } from './backend/backend.ts'

/** Ours, as package.json has it. */
export const { version: packageVersion } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
  version: string
}

/** Versions of what computed a result, for manifests and reports. */
export function softwareVersions(backend: Backend): Record<string, string> {
  return {
    autodidact: packageVersion,
    node: process.versions.node,
    tfjs: backend.tf.version_core,
    ...(backend.isNative ? { tensorflow: backend.version } : {})
  }
}
