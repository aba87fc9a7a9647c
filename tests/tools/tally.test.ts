import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import TallyReporter from '../../tools/tally-reporter.mjs'
import { decideStatus, describeSkipped, formatTally } from '../../tools/tally.mjs'
import { makeTempFolder } from './setup-world.ts'

const makeModule = (state: string, tests: string[]) => ({
  state: () => state,
  relativeModuleId: 'tests/a.test.ts',
  children: {
    allTests: () => tests.map((test, at) => ({ fullName: `suite > ${at}`, result: () => ({ state: test }) }))
  }
})

function count(modules: unknown[], errors: unknown[] = []): unknown {
  const file = join(makeTempFolder(), 'tally.json')
  vi.stubEnv('AUTODIDACT_TALLY', file)
  new TallyReporter().onTestRunEnd(modules, errors)
  return JSON.parse(readFileSync(file, 'utf8'))
}

describe('the tally of a test run', () => {
  afterEach(() => vi.unstubAllEnvs())

  it('counts passed, failed and skipped tests, and files that do not load', () => {
    const modules = [makeModule('passed', ['passed', 'skipped', 'passed']), makeModule('failed', ['failed', 'passed'])]
    expect(count(modules)).toMatchObject({ passed: 3, failed: 1, skipped: 1 })
    expect(count([makeModule('failed', [])])).toMatchObject({ passed: 0, failed: 1, skipped: 0 })
    expect(count([makeModule('passed', ['passed'])], [new Error('outside')])).toMatchObject({ failed: 1 })
    expect(count([makeModule('passed', ['pending'])])).toMatchObject({ failed: 1 })
  })

  it('names what was skipped: each test, or the suite where it is more than a few', () => {
    const { skippedNames } = count([makeModule('passed', ['passed', 'skipped'])]) as { skippedNames: string[] }
    expect(describeSkipped(skippedNames)).toEqual(['skipped: tests/a.test.ts > suite > 1'])
    const many = Array.from({ length: 4 }, (_, at) => `tests/b.test.ts > suite > part > ${at}`)
    expect(describeSkipped([...many.slice(1), 'tests/c.test.ts > alone'])).toEqual([
      'skipped: tests/b.test.ts > suite > part > 1',
      'skipped: tests/b.test.ts > suite > part > 2',
      'skipped: tests/b.test.ts > suite > part > 3',
      'skipped: tests/c.test.ts > alone'
    ])
    expect(describeSkipped([...many, 'tests/c.test.ts > alone'])).toEqual([
      'skipped: tests/b.test.ts > suite (4 tests)',
      'skipped: tests/c.test.ts > alone'
    ])
    expect(describeSkipped([])).toEqual([])
  })

  it('is one plain line', () => {
    expect(formatTally({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed')
    expect(formatTally({ passed: 2, failed: 1, skipped: 3 })).toBe('2 passed, 1 failed, 3 skipped')
  })

  it('decides the exit status', () => {
    expect(decideStatus(0, { passed: 1, failed: 0 })).toBe(0)
    expect(decideStatus(0, { passed: 0, failed: 0 })).toBe(1)
    expect(decideStatus(0, { passed: 1, failed: 1 })).toBe(1)
    expect(decideStatus(130, { passed: 1, failed: 0 })).toBe(130)
  })
})
