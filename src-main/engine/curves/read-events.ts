import { setImmediate } from 'node:timers/promises'
import type { OpenFile } from '../checkpoint/open-file.ts'
import type { RawCurve } from './curve.ts'
import { readEvent } from './event.ts'
import { eachRecord } from './tf-records.ts'

/** What a log gave, and what is worth knowing of how it was read, the ends of sentences. */
export type ReadLog = { curves: RawCurve[]; remarks: string[] }

const mostTags = 200
const mostValues = 2_000_000

/** The scalars of a TensorBoard event file by tag. Throws UserError where the file can't be read at all. */
export async function readEvents(file: OpenFile): Promise<ReadLog> {
  const curves = new Map<string, RawCurve>()
  const remarks: string[] = []
  let [count, left] = [0, 0]
  const end = await eachRecord(file, (record) => {
    const event = readEvent(record)
    for (const { tag, value } of event?.scalars ?? []) {
      let curve = curves.get(tag)
      if (!curve && curves.size < mostTags) {
        curve = { tag, unit: 'step', steps: [], values: [], wallTimes: [] }
        curves.set(tag, curve)
      }
      if (!curve) {
        left += 1
        continue
      }
      curve.steps.push(event!.step)
      curve.values.push(value)
      curve.wallTimes.push(event!.wallTime)
      count += 1
    }
    return count < mostValues
  })
  await setImmediate()
  if (end !== null) remarks.push(`is read to where ${end}`)
  if (left > 0) remarks.push(`holds more than ${mostTags} tags; the first ${mostTags} are read`)
  if (count >= mostValues) remarks.push(`holds more than ${mostValues} scalars; the first are read`)
  return { curves: [...curves.values()], remarks }
}
