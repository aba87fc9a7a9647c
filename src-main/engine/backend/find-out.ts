import type { BackendName } from '../../../src-shared/contract.ts'
import { tryBackend } from './choose.ts'
import type { Finding } from './doctor.ts'

/** Opens a backend in this process, which is of no other use afterwards, and says what came of it. */
export async function findOut(name: BackendName): Promise<Finding> {
  const outcome = await tryBackend(name, false)
  if ('refusal' in outcome) return { available: false, device: '', version: '', reason: outcome.refusal }
  return { available: true, device: outcome.device, version: outcome.version, reason: outcome.reason }
}
