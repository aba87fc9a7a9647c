import { realpath } from 'node:fs/promises'
import type { EngineRequest, EngineResult } from '../../../src-shared/contract.ts'
import { inspect } from '../calls/inspect.ts'
import { explainFileError } from '../../file-errors.ts'
import { createDescriptions } from '../library/descriptions.ts'
import { isTimelineFolder, readTimeline, type TimelineSources } from './timeline.ts'

const anywhere = (path: string): Promise<string> =>
  realpath(path).catch((error: unknown) => {
    throw explainFileError(error, path)
  })

/**
 * What a checkpoint is; of a folder of checkpoints what the last of them is, and all of them as `frames`. By default links
 * of such a folder may lead anywhere, and every file is read. Throws UserError.
 */
export async function inspectAny(
  { path }: EngineRequest<'inspect'>,
  sources: TimelineSources = { check: anywhere, describe: createDescriptions(null).of }
): Promise<EngineResult<'inspect'>> {
  if (!(await isTimelineFolder(path))) return inspect({ path })
  const { frames, last, remark } = await readTimeline(path, sources)
  const inspected = await inspect({ path: last.path })
  return {
    ...inspected,
    remarks: [...inspected.remarks, ...(remark ? [remark] : [])],
    frames: frames.map(({ path, label, epoch, description: { hash, changedAt } }) => ({
      ...{ path, label, epoch, hash, changedAt }
    }))
  }
}
