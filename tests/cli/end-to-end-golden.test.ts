import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { EngineResult } from '../../src-shared/contract.ts'
import { largestDeviation, readGolden } from '../engine/golden/golden.ts'
import { jsonOf, refusalOf, runBuilt, testFolder } from './built-cli.ts'

type Inspection = EngineResult<'inspect'>
type Prediction = EngineResult<'predict'>
const folder = testFolder()

const cases = [
  { name: 'bottleneck-resnet18-w8', depth: 18, width: 8, parameters: 176_402 },
  { name: 'bottleneck-resnet50-w4-dataparallel', depth: 50, width: 4, parameters: null }
]

describe.each(cases)('$name', ({ name, depth, width, parameters }) => {
  const { golden, weights, images } = readGolden(name)
  const given = ['--images', images, '--shape', golden.imagesShape.join()]

  test('inspect says what it is and what every exit costs', async () => {
    const result = await jsonOf<Inspection>(['inspect', weights])
    expect(result).toMatchObject({ format: 'safetensors', depth, width, heads: 'bottleneck', classes: 10 })
    if (parameters) expect(result.parameters).toBe(parameters)
    expect(result.exits.map(({ exit }) => exit)).toEqual([1, 2, 3, 4])
    const deepest = result.exits[3]!
    expect(deepest).toMatchObject({ acceleration: 1, compression: 1, multiplyAdds: result.multiplyAdds })
    for (const exit of result.exits) {
      expect(exit.acceleration).toBeCloseTo(result.multiplyAdds / exit.multiplyAdds, 12)
      expect(exit.compression).toBeCloseTo(result.parameters / exit.parameters, 12)
    }
    for (let index = 1; index < 4; index++)
      expect(result.exits[index]!.acceleration).toBeLessThan(result.exits[index - 1]!.acceleration)
    const first = result.tensors.find((tensor) => tensor.name === 'layer1.0.conv1.weight')
    expect(first).toMatchObject({ dtype: 'F32' })
    expect(result.tensors.filter((tensor) => /^(module|model)\./.test(tensor.name))).toEqual([])
  })

  test("predict gives PyTorch's logits and features at every exit", async () => {
    const { exits, ensemble } = await jsonOf<Prediction>(['predict', weights, ...given])
    exits.forEach(({ exit, logits, features }, index) => {
      expect(exit).toBe(index + 1)
      expect(logits).toHaveLength(20)
      expect(largestDeviation(logits.flat(), golden.eval.logits[index]!.flat())).toBeLessThanOrEqual(1e-4)
      expect(largestDeviation(features.flat(), golden.eval.features[index]!.flat())).toBeLessThanOrEqual(1e-4)
    })
    const mean = ensemble.logits.map((row, image) =>
      row.map((_, label) => exits.reduce((sum, { logits }) => sum + logits[image]![label]!, 0) / exits.length)
    )
    expect(largestDeviation(ensemble.logits.flat(), mean.flat())).toBeLessThan(1e-6)
  })

  // One network is enough for what does not depend on it.
  test.runIf(depth === 18)('evaluate counts and averages what predict gives', async () => {
    const { exits } = await jsonOf<EngineResult<'evaluate'>>([
      ...['evaluate', weights, ...given],
      ...['--labels', golden.labels.join()]
    ])
    exits.forEach(({ accuracy, loss }, index) => {
      const logits = golden.eval.logits[index]!
      const hits = logits.filter((row, image) => row.indexOf(Math.max(...row)) === golden.labels[image]).length
      const losses = logits.map((row, image) => {
        const most = Math.max(...row)
        return most + Math.log(row.reduce((sum, z) => sum + Math.exp(z - most), 0)) - row[golden.labels[image]!]!
      })
      expect(accuracy).toBeCloseTo(hits / 20, 10)
      expect(loss).toBeCloseTo(losses.reduce((sum, value) => sum + value, 0) / 20, 3)
    })
  })

  test.runIf(depth === 18)('export keeps every bit, and exporting the export gives the same file', async () => {
    const [first, second] = [join(folder, `${name}.safetensors`), join(folder, `${name}-again.safetensors`)]
    const { out, bytes } = await jsonOf<EngineResult<'exportCheckpoint'>>(['export', weights, '--out', folder])
    expect(readFileSync(out)).toHaveLength(bytes)
    await jsonOf(['export', weights, '--out', first])
    await jsonOf(['export', first, '--out', second])
    expect(readFileSync(second).equals(readFileSync(first))).toBe(true)
    const predictions = await Promise.all(
      [weights, second].map((path) => runBuilt(['predict', path, ...given, '--json', '--quiet']))
    )
    expect(predictions[1]!.stdout).toBe(predictions[0]!.stdout)
  })
})

describe('raw arrays that do not fit are wrong usage', () => {
  const { golden, weights, images } = readGolden('bottleneck-resnet18-w8')
  const labels = golden.labels.join()

  test.each([
    [
      '60,32,32,1',
      labels + ',' + labels + ',' + labels,
      'takes images with 3 colour channels, but those of images.f32 have 1.'
    ],
    ['20,16,64,3', labels, 'Images must be square with a side that 8 divides, not 16 x 64.'],
    ['21,32,32,3', `${labels},0`, 'holds 245760 bytes, but the shape 21,32,32,3 needs 258048'],
    ['20,32,32,3', '', '--labels must be a whole number of at least 0 (several with commas), not "".'],
    ['20,32,32,3', labels.replace(/9$/, '10'), 'images.f32 has the label 10, but'],
    ['20,32,32,3', '1,2', 'The number of --labels is 2, but --shape 20,32,32,3 has 20 images.']
  ])('shape %s', async (shape, given, sentence) => {
    const args = ['evaluate', weights, '--images', images, '--shape', shape, '--labels', given]
    expect(await refusalOf(args, 2)).toContain(sentence)
  })
})
