import type { Tensor, Tensor2D } from '@tensorflow/tfjs'
import { describe, expect, test } from 'vitest'
import { compile } from '../../../../src-main/engine/backend/compile/compile.ts'
import { tryBackend } from '../../../../src-main/engine/backend/choose.ts'
import { opsOf } from '../../../../src-main/engine/backend/ops/ops.ts'
import { sharpnessPerturbations } from '../../../../src-main/engine/training/losses/sharpness-aware.ts'
import { expectTwin, holdTwins, termsAndGradients } from './hold-twins.ts'
import { twinCases } from './twin-cases.ts'

const backend = await tryBackend('native', true)

describe.skipIf('refusal' in backend)(`on native${'refusal' in backend ? `: ${backend.refusal}` : ''}`, () => {
  if ('refusal' in backend) return
  const { tf } = backend
  const ops = opsOf(backend)

  describe("losses equal PyTorch's", () => holdTwins(backend))

  describe('compiled ones do, too, also at other inputs', () => {
    test.each(twinCases())('$name', async (twin) => {
      const before = backend.tensorCount()
      const inputs = twin.inputs.map((value) => tf.tensor(value as number[]))
      const others = inputs.map((tensor) => tf.tidy(() => tf.add(tf.mul(tensor, -0.5), 0.25)))
      const fn = (...given: Tensor[]) => termsAndGradients(tf, ops, twin.terms, given)
      // Recorded at other inputs, so that nothing of these can be frozen into the function.
      const compiled = compile({ ...backend, executor: 'graph' }, fn, others)
      const results = await compiled.call(...inputs)
      const read = results.map((tensor) => [...tensor.dataSync()])
      compiled.dispose()
      tf.dispose([...results, ...inputs, ...others])
      expectTwin(read, twin)
      expect(backend.tensorCount()).toBe(before)
    })

    test('sharpness-aware minimisation', async () => {
      const given = [tf.tensor2d([[3, 0]]), tf.tensor2d([[0], [4]])]
      const others = given.map((tensor) => tf.add(tensor, 1) as Tensor2D)
      const compiled = compile(
        { ...backend, executor: 'graph' },
        (...gradients: Tensor[]) => tf.tidy(() => sharpnessPerturbations(tf, gradients, 0.5)),
        others
      )
      const moves = await compiled.call(...given)
      expect(moves.map((move) => [...move.dataSync()].map((value) => Number(value.toFixed(6))))).toEqual([
        [0.3, 0],
        [0, 0.4]
      ])
      compiled.dispose()
      tf.dispose([...moves, ...given, ...others])
    })
  })
})
