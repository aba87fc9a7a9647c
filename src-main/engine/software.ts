import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../package-root.ts'
import type { Backend } from './backend/backend.ts'

/** Versions of what computed a result, for manifests and reports. */
export function softwareVersions(backend: Backend): Record<string, string> {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }
  return {
    autodidact: version,
    node: process.versions.node,
    tfjs: backend.tf.version_core,
    ...(backend.isNative ? { tensorflow: backend.version } : {})
  }
}
