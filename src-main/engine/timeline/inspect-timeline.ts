import { realpath } from 'node:fs/promises'
import type { EngineRequest, EngineResult } from '../../../src-shared/contract.ts'
import { inspect } from '../calls/inspect.ts'
import { explainFileError } from '../../file-errors.ts'
import { createDescriptions } from '../library/descriptions.ts'
import type { Roots } from '../roots.ts'
import { isTimelineFolder, readTimeline } from './timeline.ts'

const anywhere = (path: string): Promise<string> =>
  realpath(path).catch((error: unknown) => {
    throw explainFileError(error, path)
  })

/**
 * What a checkpoint is; of a folder of checkpoints what the last of them is, and all of them as `frames`. `check` says
 * where links of such a folder may lead, by default anywhere. Throws UserError.
 */
export async function inspectAny(
  { path }: EngineRequest<'inspect'>,
  check: Roots['check'] = anywhere
): Promise<EngineResult<'inspect'>> {
  if (!(await isTimelineFolder(path))) return inspect({ path })
  const { frames, last, remark } = await readTimeline(path, { check, describe: createDescriptions(null).of })
  const inspected = await inspect({ path: last.path })
  return {
    ...inspected,
    remarks: [...inspected.remarks, ...(remark ? [remark] : [])],
    frames: frames.map(({ path, label, epoch, description: { hash, changedAt } }) => ({
      ...{ path, label, epoch, hash, changedAt }
    }))
  }
}
