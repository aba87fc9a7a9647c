import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createEngine } from '../../src-main/engine/engine.ts'
import type { EngineResult } from '../../src-shared/contract.ts'
import type { ProbeReport } from '../../src-shared/reports.ts'
import { run } from './run.ts'

const path = fileURLToPath(new URL('../fixtures/outputs/outputs.npz', import.meta.url))
const engine = createEngine()
const json = async <T>(...argv: string[]): Promise<T> => {
  const { stdout, stderr, status } = await run([...argv, '--json', '--quiet'], { engine })
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
  return JSON.parse(stdout) as T
}

test('a file of outputs needs no data', async () => {
  const { exits, ensemble } = await json<EngineResult<'evaluate'>>('evaluate', path)
  expect(exits.map(({ exit, accuracy }) => [exit, Number(accuracy.toFixed(4))])).toEqual([
    [1, 0.4],
    [2, 0.6],
    [3, 0.7333]
  ])
  expect(ensemble.accuracy).toBe(0.7)
  const prediction = await json<EngineResult<'predict'>>('predict', path)
  expect(prediction.exits.map(({ logits, features }) => [logits.length, features[0]!.length])).toEqual([
    [60, 4],
    [60, 6],
    [60, 8]
  ])
  const report = await json<ProbeReport<'embedding'>>('probe', 'embedding', path, '--method', 'pca')
  expect(report.provenance.data).toMatchObject({ name: 'outputs.npz', split: 'given', count: 60 })
  expect(report.checkpoints[0]!.exits).toHaveLength(3)
})

test('inspect says what it holds', async () => {
  const { format, outputs } = await json<EngineResult<'inspect'>>('inspect', path)
  expect({ format, outputs }).toMatchObject({ format: 'npz', outputs: { exits: [1, 2, 3], count: 60, classes: 5 } })
})

test.each([
  ['probe', 'flatness', path],
  ['probe', 'gradients', path],
  ['export', path, '--out', 'never.safetensors']
])('%s %s is refused', async (...argv) => {
  const { stderr, status } = await run(argv, { engine })
  expect(status).not.toBe(0)
  expect(stderr.trim()).toBe(`${path} holds what a network gave, not the network; this needs the network.`)
})
