import { createHash } from 'node:crypto'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeCheckpoint, factsOf, openCheckpoint } from '../../../src-main/engine/checkpoint/checkpoint.ts'
import { encodeSafetensors } from '../../../src-main/engine/checkpoint/safetensors/safetensors-file.ts'
import { samplesFolder } from '../../../src-main/engine/library/places.ts'
import { readGolden } from '../golden/golden.ts'
import { writeRun } from '../library/lab-home.ts'
import { temporaryFolder } from '../training/small-run.ts'

/** A file that is no network known here. */
function foreignFile(): string {
  const path = join(temporaryFolder(), 'foreign.safetensors')
  const tensor = { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) }
  writeFileSync(path, encodeSafetensors(new Map([['module.x', tensor]])))
  return path
}

test('a description says what opening says, without the weights', async () => {
  const run = join(temporaryFolder(), 'net')
  await writeRun(run)
  const paths = [
    readGolden('bottleneck-resnet18-w8').weights,
    readGolden('bottleneck-resnet50-w4-dataparallel').weights,
    join(samplesFolder, 'noisy-self-distillation-0.safetensors'),
    foreignFile(),
    run
  ]
  for (const path of paths) {
    const { weights, ...facts } = await openCheckpoint(path)
    const hash = createHash('sha256').update(readFileSync(facts.file)).digest('hex')
    expect(weights.size).toBeGreaterThan(0)
    expect(await describeCheckpoint(path)).toEqual({ ...facts, hash })
    expect(await factsOf(path)).toEqual(facts)
  }
})

test('what cannot be opened cannot be described, for the same reason', async () => {
  const folder = temporaryFolder()
  const cut = join(folder, 'cut.safetensors')
  writeFileSync(cut, readFileSync(readGolden('bottleneck-resnet18-w8').weights))
  truncateSync(cut, 100_000)
  const empty = join(folder, 'empty.safetensors')
  writeFileSync(empty, encodeSafetensors(new Map()))
  for (const path of [cut, empty, folder, join(folder, 'gone')]) {
    const reason = await openCheckpoint(path).catch((error: unknown) => error as Error)
    expect(reason).toBeInstanceOf(Error)
    await expect(describeCheckpoint(path)).rejects.toThrow(reason as Error)
  }
})
