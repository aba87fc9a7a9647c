import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { openBackend } from '../../../src-main/engine/backend/choose.ts'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { evaluate } from '../../../src-main/engine/calls/predict.ts'
import { samplesFolder } from '../../../src-main/engine/library/places.ts'
import { checkPreprocessing } from '../../../src-main/engine/preprocessing/check.ts'
import { setPreprocessing } from '../../../src-main/engine/preprocessing/set.ts'
import { writeRun } from '../library/lab-home.ts'
import { temporaryFolder } from '../training/small-run.ts'

let backend: Backend
beforeAll(async () => void (backend = await openBackend()))

const wrong = { size: 32, mean: [0.9], deviation: [0.1] }
const request = { data: 'fashion-mnist', limit: 200, seed: 0, preprocessing: null }

/** A sample in a folder of its own, so that something may be said beside it. */
function copyOfSample(name = 'clean-self-distillation-0'): string {
  const path = join(temporaryFolder(), `${name}.safetensors`)
  copyFileSync(join(samplesFolder, `${name}.safetensors`), path)
  return path
}

describe('a sample whose preprocessing somebody set wrongly', () => {
  test('does best with the means of its data, and after that is measured with them', async () => {
    const path = copyOfSample()
    await setPreprocessing({ path, preprocessing: wrong })
    const fractions: number[] = []
    const onProgress = ({ fraction }: { fraction: number }) => void fractions.push(fraction)
    const check = await checkPreprocessing(backend, { ...request, path }, { onProgress })
    const [best] = check.alternatives
    expect(check).toMatchObject({ isBetter: true, warning: '', count: 200, classes: 10 })
    expect(check.set).toMatchObject({ preprocessing: wrong, source: 'said', label: 'values of its own' })
    expect(best).toMatchObject({ label: 'fashion-mnist means', isSet: false })
    expect(best!.accuracy).toBeGreaterThan(0.85)
    expect(check.sentence).toMatch(/^\d+ % as set, (8|9)\d % with fashion-mnist means\.$/)
    expect(check.alternatives.filter(({ isSet }) => isSet)).toMatchObject([{ preprocessing: wrong }])
    const accuracies = check.alternatives.map(({ accuracy }) => accuracy)
    expect(accuracies).toEqual(accuracies.toSorted((a, b) => b - a))
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b))

    await setPreprocessing({ path, preprocessing: best!.preprocessing })
    const data = { kind: 'dataset', name: 'fashion-mnist', split: 'test', limit: 200 } as const
    const { exits } = await evaluate(backend, { path, data, seed: 0 })
    expect(exits.at(-1)!.accuracy).toBe(best!.accuracy)
    const again = await checkPreprocessing(backend, { ...request, path })
    expect(again.sentence).toMatch(/^\d+ % as set; none of \d others is clearly better\.$/)
    expect(again.isBetter).toBe(false)
  })

  test('begins with what the request names in its place', async () => {
    const path = copyOfSample()
    const preprocessing = { size: 32, mean: [0.5], deviation: [0.5] }
    const check = await checkPreprocessing(backend, { ...request, path, limit: 50, preprocessing })
    expect(check.set).toMatchObject({ preprocessing, label: '0.5 and 0.5' })
  })

  test('stops when it is told to', async () => {
    const controller = new AbortController()
    controller.abort()
    await expect(
      checkPreprocessing(backend, { ...request, path: copyOfSample() }, { signal: controller.signal })
    ).rejects.toThrow('Cancelled')
  })
})

test('a network that knows nothing is near chance with everything', async () => {
  const path = join(temporaryFolder(), 'untrained')
  await writeRun(path)
  const check = await checkPreprocessing(backend, { ...request, path })
  expect(check.warning).toMatch(/^Even the best is near chance \(\d+ %, guessing gives 10 %\)/)
})

test('a data set of other classes is refused', async () => {
  const path = join(temporaryFolder(), 'untrained')
  await writeRun(path)
  await expect(checkPreprocessing(backend, { ...request, path, data: 'nowhere' })).rejects.toThrow(
    'There is no data set'
  )
})
