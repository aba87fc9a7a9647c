import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findEpoch } from '../../../src-main/engine/runs/find-epoch.ts'
import { epochRecord } from '../library/lab-home.ts'
import { temporaryFolder } from '../training/small-run.ts'

/** A history in a folder: lines of epochs, of long steps, and of what a crash leaves. */
function historyOf(lines: string[]): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'history.jsonl'), lines.join('\n'))
  return folder
}
const epoch = (number: number) => JSON.stringify({ epoch: epochRecord(number) })
const step = JSON.stringify({ step: { step: 1, more: 'x'.repeat(1000) } })

test('the record of an epoch, wherever it lies', async () => {
  // A megabyte of steps lies behind the first epoch, more than is read at first.
  const steps = Array.from({ length: 1000 }, () => step)
  const folder = historyOf([step, epoch(1), ...steps, epoch(2), step, epoch(3), '{"epoch":{"epo'])
  for (const number of [1, 2, 3]) expect(await findEpoch(folder, number)).toEqual(epochRecord(number))
  expect(await findEpoch(folder, 4)).toBeNull()
})

test('recorded twice, as after a crash: the last one', async () => {
  const again = { ...epochRecord(2), total: 9 }
  const folder = historyOf([epoch(1), epoch(2), JSON.stringify({ epoch: again }), ''])
  expect(await findEpoch(folder, 2)).toEqual(again)
})

test('damaged, empty, missing', async () => {
  expect(await findEpoch(historyOf(['{"epoch":{"epoch":1,"test":[]}}', '{"epoch":null}', 'null']), 1)).toBeNull()
  expect(await findEpoch(historyOf([]), 1)).toBeNull()
  expect(await findEpoch(temporaryFolder(), 1)).toBeNull()
})
