import { expect, it } from 'vitest'
import { openBackend } from '../../../src-main/engine/backend/choose.ts'
import { trainOneStep } from './train-one-step.ts'

it('opens wasm, learns a line and refuses another backend in the same process', async () => {
  const backend = await openBackend('wasm')
  expect(backend).toMatchObject({ name: 'wasm', version: '4.22.0', isNative: false })
  expect(backend.device).toMatch(/^CPU \(/)
  expect(await openBackend('wasm')).toBe(backend)
  expect(await openBackend()).toBe(backend)
  await expect(openBackend('native')).rejects.toThrow('already computes with "wasm"')
  trainOneStep(backend)
})
