import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openCheckpoint, openNetwork } from '../../../src-main/engine/checkpoint/checkpoint.ts'
import {
  encodeSafetensors,
  readSafetensors,
  type SafetensorsTensor
} from '../../../src-main/engine/checkpoint/safetensors/safetensors-file.ts'
import { readHistory, truncateHistory } from '../../../src-main/engine/runs/history.ts'
import { readGolden } from '../golden/golden.ts'
import { temporaryFolder } from '../training/small-run.ts'

type Tensors = Map<string, SafetensorsTensor>

/** The golden network's file after a change to its tensors. */
async function changed(change: (tensors: Tensors) => Tensors): Promise<string> {
  const { tensors } = await readSafetensors(readGolden('bottleneck-resnet18-w8').weights)
  const path = join(temporaryFolder(), 'changed.safetensors')
  writeFileSync(path, encodeSafetensors(change(tensors)))
  return path
}
const ones = (...shape: number[]): SafetensorsTensor => {
  return { dtype: 'F32', shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1) }
}

test('a wrapper is taken off where every name has it, and only there', async () => {
  const wrapped = await changed((tensors) => new Map([...tensors].map(([name, tensor]) => [`module.${name}`, tensor])))
  expect((await openNetwork(wrapped)).network.depth).toBe(18)
  const mixed = await changed(
    (tensors) =>
      new Map([...tensors, ...[...tensors].map(([name, t]): [string, SafetensorsTensor] => [`module.${name}`, t])])
  )
  await expect(openNetwork(mixed)).rejects.toThrow(
    /has \d+ tensors that ResNet18 does not have \("module\..*" and so on\)\.$/
  )
})

test('a tensor too many makes another network of it', async () => {
  const path = await changed((tensors) => tensors.set('layer1.0.se.fc1.weight', ones(2, 8)))
  await expect(openNetwork(path)).rejects.toThrow(
    `${path} has the tensor "layer1.0.se.fc1.weight", which ResNet18 does not have.`
  )
  expect((await openCheckpoint(path)).network).toBeNull()
})

test('the tensors that the public code makes and never uses are no trouble', async () => {
  const path = await changed((tensors) => tensors.set('downsample1_1.0.weight', ones(2, 2)))
  expect((await openNetwork(path)).network.width).toBe(8)
})

test('a damaged history is refused and left as it is', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'history.jsonl')
  writeFileSync(file, '{"step":1}\n{"step":2}\n')
  await expect(readHistory(folder)).rejects.toThrow(`${file} is damaged: line 1 is not a record.`)
  writeFileSync(file, '{"cut of')
  expect(await readHistory(folder)).toEqual({ steps: [], epochs: [] })
  await expect(truncateHistory(folder, 3, 1)).rejects.toThrow(
    `${file} is damaged: it holds 0 steps and 0 epochs, but the checkpoint is of step 3 and epoch 1.`
  )
})
