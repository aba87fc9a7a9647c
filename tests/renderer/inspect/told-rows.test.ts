import { describe, expect, it, vi } from 'vitest'
import { ToldRows } from '../../../src-renderer/inspect/told-rows.svelte.ts'

type Told = { fraction: number; tensors: string[] }
type Options = { onProgress: (told: Told) => void; signal: AbortSignal }

/** A call that tells and ends when the test says so. */
function makeCall() {
  const asked: (Options & { end: (value: string) => void; fail: (error: Error) => void })[] = []
  const ask = (options: Options) =>
    new Promise<string>((resolve, reject) => asked.push({ ...options, end: resolve, fail: reject }))
  return { asked, ask }
}

describe('rows that are told', () => {
  it('are there when the call has ended, in their order', async () => {
    const { asked, ask } = makeCall()
    const told = new ToldRows<string, string>()
    told.want('a', ask)
    expect(told.status).toBe('running')
    asked[0]!.onProgress({ fraction: 0.5, tensors: ['x'] })
    expect(told.fraction).toBe(0.5)
    asked[0]!.onProgress({ fraction: 1, tensors: ['y', 'z'] })
    asked[0]!.end('done')
    await vi.waitFor(() => expect(told.status).toBe('done'))
    expect([told.rows, told.end]).toEqual([['x', 'y', 'z'], 'done'])
  })

  it('are asked for once, and kept for coming back', async () => {
    const { asked, ask } = makeCall()
    const told = new ToldRows<string, string>()
    told.want('a', ask)
    told.want('a', ask)
    asked[0]!.onProgress({ fraction: 1, tensors: ['x'] })
    asked[0]!.end('A')
    await vi.waitFor(() => expect(told.status).toBe('done'))
    told.want(null, ask)
    expect([told.status, told.rows]).toEqual(['idle', []])
    told.want('a', ask)
    expect([told.status, told.rows, asked.length]).toEqual(['done', ['x'], 1])
  })

  it('of something else end the call before, and what it still tells is not heard', () => {
    const { asked, ask } = makeCall()
    const told = new ToldRows<string, string>()
    told.want('a', ask)
    told.want('b', ask)
    expect(asked[0]!.signal.aborted).toBe(true)
    asked[0]!.onProgress({ fraction: 0.9, tensors: ['old'] })
    expect([told.fraction, told.rows]).toEqual([0, []])
  })

  it('can be stopped and asked for again', async () => {
    const { asked, ask } = makeCall()
    const told = new ToldRows<string, string>()
    told.want('a', ask)
    told.cancel()
    expect([told.status, asked[0]!.signal.aborted]).toEqual(['cancelled', true])
    told.retry()
    expect(told.status).toBe('running')
    asked[1]!.fail(new Error('The disk is gone.'))
    await vi.waitFor(() => expect(told.status).toBe('failed'))
    expect(told.error).toBe('The disk is gone.')
    told.retry()
    expect([told.status, told.error, asked.length]).toEqual(['running', '', 3])
  })
})
