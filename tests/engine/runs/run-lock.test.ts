import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { lockRun, RunInUseError } from '../../../src-main/engine/runs/run-lock.ts'

const folder = mkdtempSync(join(tmpdir(), 'autodidact-lock-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const dead = JSON.stringify({ pid: 2 ** 22 - 3, host: hostname() })

test.each([
  ['no lock', null],
  ["a dead process's lock", dead],
  ['half a lock', '{"pid"'],
  ['an empty lock', '']
])('of many that want a run at once, where there is %s, one gets it, every time', async (name, lock) => {
  for (let round = 0; round < 80; round++) {
    const run = join(folder, `${name.replace(/\W/g, '')}-${round}`)
    mkdirSync(run)
    if (lock !== null) writeFileSync(join(run, 'lock.json'), lock)
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => lockRun(run)))
    const got = outcomes.filter((outcome) => outcome.status === 'fulfilled')
    expect(got).toHaveLength(1)
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(RunInUseError)
    expect(readdirSync(run)).toEqual(['lock.json'])
    await got[0]!.value()
    expect(readdirSync(run)).toEqual([])
  }
})
