import { expect, it } from 'vitest'
import { openBackend } from '../../../src-main/engine/backend/choose.ts'
import { trainOneStep } from './train-one-step.ts'

it('opens cpu, learns a line and refuses another backend in the same process', async () => {
  const backend = await openBackend('cpu')
  expect(backend).toMatchObject({ name: 'cpu', version: '4.22.0', isNative: false })
  expect(backend.device).toMatch(/^CPU \(/)
  expect(await openBackend('cpu')).toBe(backend)
  expect(await openBackend()).toBe(backend)
  await expect(openBackend('native')).rejects.toThrow('already computes with "cpu"')
  trainOneStep(backend)
})
