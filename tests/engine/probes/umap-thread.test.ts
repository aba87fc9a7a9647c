import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { runHere, runThread } from '../../../src-main/engine/probes/umap/run-umap.ts'
import type { UmapTask } from '../../../src-main/engine/probes/umap/umap.ts'
import { CancelledError } from '../../../src-shared/errors.ts'
import { nearestNeighbors } from '../../../src-shared/science/neighbors.ts'
import { ensureBuilt } from '../../helpers/built.ts'
import { clusters } from '../../science/fixtures.ts'

let program = ''
beforeAll(async () => {
  program = join(await ensureBuilt('node'), 'umap-worker.js')
})

function task(points: number): UmapTask {
  const { features } = clusters(points, 4, 3, 2, 1)
  return { neighbors: nearestNeighbors(features, 14), points, dims: 2, minDist: 0.1, seed: 3 }
}

test('a thread makes the same map as the sources do, and tells its progress', async () => {
  const fractions: number[] = []
  const small = task(1000)
  const map = await runThread(program, small, { onFraction: (fraction) => void fractions.push(fraction) })
  expect(map).toEqual(await runHere(small))
  expect(fractions.length).toBeGreaterThan(0)
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b))
  // The thread had copies.
  expect(small.neighbors.indices).toHaveLength(14_000)
})

test.each([
  ['a thread', (large: UmapTask, options: object) => runThread(program, large, options)],
  ['this thread', runHere]
])('%s ends where it is cancelled, long before the map is made', async (_, run) => {
  const large = task(2400)
  const stop = new AbortController()
  const last = { fraction: 0 }
  const onFraction = (fraction: number) => {
    last.fraction = fraction
    stop.abort()
  }
  await expect(run(large, { onFraction, signal: stop.signal })).rejects.toThrow(CancelledError)
  expect(last.fraction).toBeLessThan(0.9)
  await expect(run(large, { signal: stop.signal })).rejects.toThrow(CancelledError)
})

test('what goes wrong in the thread is told', async () => {
  const { neighbors, ...rest } = task(100)
  await expect(runThread(program, { ...rest, neighbors: null as unknown as typeof neighbors })).rejects.toThrow(
    'indices'
  )
  await expect(runThread(join(program, 'missing.js'), { ...rest, neighbors })).rejects.toThrow('missing.js')
})
