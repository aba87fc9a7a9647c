import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { TensorDifferenceRow, TensorStatisticsRow } from '../../../src-shared/contract.ts'
import { exportsFolder } from '../../../src-main/lab-exports.ts'
import { ensureBuilt } from '../../helpers/built.ts'
import { startLab } from './built-lab.ts'
import { newHome } from './jobs-world.ts'

beforeAll(() => ensureBuilt('node'), 120_000)

test('the built engine process tells tensors as they are read, compares two files, and exports for a browser', async () => {
  const home = join(newHome(), 'lab')
  mkdirSync(exportsFolder(home), { recursive: true })
  writeFileSync(join(exportsFolder(home), 'left over'), '')
  const { lab, said } = await startLab({ home })
  const [a, b] = (await lab.library({})).filter(({ source }) => source === 'sample').map(({ path }) => path)

  const measured: TensorStatisticsRow[] = []
  const onTensors = (told: { tensors: TensorStatisticsRow[] }) => measured.push(...told.tensors)
  const { tensors } = await lab.tensorStatistics({ path: a! }, { onProgress: onTensors })
  expect(measured).toHaveLength(tensors)
  expect(measured[0]!.histogram.counts).toBeInstanceOf(Uint32Array)

  const compared: TensorDifferenceRow[] = []
  const onDifferences = (told: { tensors: TensorDifferenceRow[] }) => compared.push(...told.tensors)
  const { summary } = await lab.diffCheckpoints({ a: a!, b: b! }, { onProgress: onDifferences })
  expect(summary).toMatch(new RegExp(`of ${compared.length} tensors equal`))
  // What was not compared has no numbers on the other side either.
  expect(compared.filter(({ state }) => state.startsWith('onlyIn')).every(({ maxAbs }) => Number.isNaN(maxAbs))).toBe(
    true
  )

  expect(existsSync(join(exportsFolder(home), 'left over'))).toBe(false)
  const endings = { safetensors: '.safetensors', pytorch: '.pth', tfjs: '.zip' } as const
  for (const format of ['safetensors', 'pytorch', 'tfjs'] as const) {
    const { out, bytes } = await lab.exportCheckpoint({ path: a!, out: null, format })
    expect(dirname(out)).toBe(exportsFolder(home))
    expect(basename(out)).toMatch(/^[0-9a-f-]{36}\.[a-z]+$/)
    expect(out.endsWith(endings[format])).toBe(true)
    expect(readFileSync(out)).toHaveLength(bytes)
  }
  expect(said()).toBe('')
})
