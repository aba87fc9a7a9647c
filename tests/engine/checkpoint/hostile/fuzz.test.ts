import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../../../../src-main/package-root.ts'
import { buildProgram, runConfined } from './confined-child.ts'
import type { Fuzzed } from './fuzz.ts'
import { writeSeeds } from './seeds.ts'

const cases = 20_000
const seed = 1
const mostBytes = 512 * 2 ** 20

test(`${cases} real files, flipped, cut and spliced: each opens or ends in one sentence`, async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'autodidact-fuzz-')))
  try {
    const [seeds, scratch] = [join(folder, 'seeds'), join(folder, 'scratch')]
    mkdirSync(scratch)
    writeSeeds(packageRoot, seeds, scratch)
    const before = readdirSync(scratch)
    const program = await buildProgram('fuzz')
    const { lines, ...ended } = await runConfined(program, [seeds, scratch, String(cases), String(seed)], {
      readable: [seeds, scratch],
      writable: [scratch],
      silenceMs: 120_000
    })
    expect({ ...ended, last: lines.at(-1) }).toMatchObject({ code: 0, signal: null, stderr: '' })
    const { findings, peakBytes, ...result } = JSON.parse(lines.at(-1)!) as Fuzzed & { peakBytes: number }
    expect(findings).toEqual([])
    expect(result).toMatchObject({ cases })
    expect(result.opened + result.refused).toBe(cases)
    // Changes in the values go unnoticed, and so they should; most others must not.
    expect(result.refused).toBeGreaterThan(cases / 4)
    expect(peakBytes).toBeLessThan(mostBytes)
    expect(readdirSync(scratch).sort()).toEqual([...before, 'model.json'].sort())
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}, 600_000)
