import { describe, expect, it } from 'vitest'
import type { ShellEvent } from '../../src-shared/shell-contract.ts'
import { createWindowEvents } from '../../src-main/shell/window-events.ts'

const running: ShellEvent = { kind: 'engine', state: 'running', message: '' }
const stopped: ShellEvent = { kind: 'engine', state: 'stopped', message: 'It ended.' }
const open: ShellEvent = { kind: 'open', paths: ['/a'] }

function watch(events: ReturnType<typeof createWindowEvents>) {
  const told: ShellEvent[] = []
  const controller = new AbortController()
  const ended = events.watch((event) => told.push(event), controller.signal)
  return { told, controller, ended }
}

describe('events of a window', () => {
  it('that are to be done wait for a page; of the engine only the present state is told', () => {
    const events = createWindowEvents(() => running)
    events.tell(open)
    events.tell(stopped)
    const { told } = watch(events)
    expect(told).toEqual([running, open])
    events.tell(stopped)
    expect(told).toEqual([running, open, stopped])
    expect(watch(events).told).toEqual([running])
  })

  it('end when the page does', async () => {
    const events = createWindowEvents(() => running)
    const { told, controller, ended } = watch(events)
    expect(events.isWatched).toBe(true)
    controller.abort()
    await ended
    expect(events.isWatched).toBe(false)
    events.tell(open)
    expect(told).toEqual([running])
    expect(watch(events).told).toEqual([running, open])
  })

  it('end at once for one that has given up before', async () => {
    const events = createWindowEvents(() => running)
    await events.watch(() => undefined, AbortSignal.abort())
    expect(events.isWatched).toBe(false)
  })
})
