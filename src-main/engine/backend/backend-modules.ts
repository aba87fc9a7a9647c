import util from 'node:util'
import { requireFromPackage } from '../../package-root.ts'
import type { Tfjs } from './backend.ts'

/**
 * Loads a package through CommonJS: tfjs-core's ESM files do not resolve in Node, and only this way the gradients are
 * registered and every package shares one tfjs. Deprecation warnings of the packages' own dependencies are not shown.
 */
export function requireQuietly<T>(name: string): T {
  const before = process.noDeprecation ?? false
  process.noDeprecation = true
  try {
    return requireFromPackage(name) as T
  } finally {
    process.noDeprecation = before
  }
}

/** tfjs, with the plain-JS backend's advertisement switched off. */
export function requireTfjs(): Tfjs {
  const tf = requireQuietly<Tfjs>('@tensorflow/tfjs')
  const cpu = tf.findBackend('cpu') as { firstUse?: boolean } | null
  if (cpu) cpu.firstUse = false
  return tf
}

/** Gives back to `node:util` what tfjs-node calls: gone from Node 23 on, a warning in 22. */
export function restoreUtilFunctions(): void {
  const functions = { isNullOrUndefined: (value: unknown) => value == null, isArray: Array.isArray }
  Object.assign(util, functions)
}
