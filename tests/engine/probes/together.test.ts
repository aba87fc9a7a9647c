import { expect, test } from 'vitest'
import { together } from '../../../src-main/engine/probes/together.ts'

test('gives the results in order', async () => {
  const later = async () => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    return 1
  }
  expect(await together([later, () => Promise.resolve(2)], undefined)).toEqual([1, 2])
})

test('where one fails, aborts the others and waits for them', async () => {
  const ended: string[] = []
  const fails = () => Promise.reject(new Error('no'))
  const waits = (signal: AbortSignal) =>
    new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () =>
        setTimeout(() => {
          ended.push('waits')
          reject(new Error('aborted'))
        }, 5)
      )
    )
  await expect(together([waits, fails], undefined)).rejects.toThrow('no')
  expect(ended).toEqual(['waits'])
})

test("passes its caller's signal on", async () => {
  const stop = new AbortController()
  const waits = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
  const running = together([waits], stop.signal)
  stop.abort()
  await expect(running).rejects.toThrow('aborted')
})
