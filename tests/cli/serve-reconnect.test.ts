import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { keepAsking } from '../../src-renderer/connection/keep-asking.ts'
import { keepConnected, type ConnectionState } from '../../src-renderer/connection/keep-connected.ts'
import { openSocket } from '../../src-renderer/connection/open-socket.ts'
import { labCalls } from '../../src-shared/lab-contract.ts'
import { DisconnectedError } from '../../src-shared/rpc.ts'
import { afterwards, ask, startLab, until, type TestLab } from './served/lab.ts'

/** The connection of a page to the engine of a lab; `lab` may change under it, as at one address. */
function visit(page: { lab: TestLab; cookie?: string }) {
  const cookie = () => page.cookie ?? page.lab.cookie
  const sockets: WebSocket[] = []
  const connection = keepConnected(
    labCalls,
    () =>
      openSocket(
        () => {
          const { port, origin } = page.lab
          const socket = new WebSocket(`ws://127.0.0.1:${port}/engine`, { headers: { cookie: cookie() }, origin })
          sockets.push(socket)
          return socket
        },
        async () => {
          const { status, text } = await ask(page.lab, '/alive', { headers: { cookie: cookie() } })
          return { status, sentence: status === 503 ? (JSON.parse(text) as { error: string }).error : '' }
        }
      ),
    { delaysMs: [20] }
  )
  const states: ConnectionState[] = []
  afterwards(() => {
    for (const socket of sockets) socket.terminate()
  })
  connection.state.subscribe((state) => states.push(state))
  return { ...connection, states, sockets }
}

describe('a page', () => {
  it('goes on watching after the engine was killed', async () => {
    const lab = await startLab()
    const { calls, states } = visit({ lab })
    const told: number[] = []
    const controller = new AbortController()
    void keepAsking(calls.watchJobs, {}, (jobs) => told.push(jobs.length), controller.signal).catch(() => undefined)
    await until(() => told.length === 1)
    const { pid } = await calls.lab({})
    process.kill(pid, 'SIGKILL')
    await until(() => told.length === 2)
    controller.abort()
    expect((await calls.lab({})).pid).not.toBe(pid)
    expect(states.map(({ state }) => state)).toEqual(['connecting', 'connected', 'lost', 'connected'])
    expect(states[2]!.message).toMatch(/^The engine ended unexpectedly \(signal SIGKILL\)/)
  })

  it('comes back after its socket was cut', async () => {
    const lab = await startLab()
    const { calls, states, sockets } = visit({ lab })
    await calls.jobs({})
    sockets[0]!.terminate()
    await until(() => states.length === 4)
    expect(states[2]).toEqual({ state: 'lost', message: 'The connection to the lab was lost.' })
    expect(await calls.jobs({})).toHaveLength(2)
  })

  it('says that a lab was started anew, and comes back once its browser is let in', async () => {
    const page: Parameters<typeof visit>[0] = { lab: await startLab() }
    const { calls, states, sockets } = visit(page)
    await calls.jobs({})
    page.cookie = page.lab.cookie
    page.lab = await startLab()
    sockets[0]!.terminate()
    await until(() => states.at(-1)?.state === 'refused')
    const sentence =
      'The lab was started anew and does not know this window any more: open the address that it printed.'
    expect(states.at(-1)!.message).toBe(sentence)
    await expect(calls.jobs({})).rejects.toThrow(new DisconnectedError(sentence))
    delete page.cookie
    await until(() => states.at(-1)?.state === 'connected')
    expect(await calls.jobs({})).toHaveLength(2)
  })

  it('says why there is no engine', async () => {
    const { states } = visit({ lab: await startLab({ engine: { backend: 'webgpu', delaysMs: [0] } }) })
    await until(() => states.at(-1)!.message.includes('stays down'))
    expect(states.at(-1)).toEqual({
      state: 'lost',
      message:
        'The engine ended 5 times within a minute (exit code 9: The lab is in use) and stays down; start the lab again, with --verbose.'
    })
  })

  it('says that nobody is there', async () => {
    const lab = await startLab()
    const { states, calls } = visit({ lab })
    await calls.jobs({})
    await lab.server.close(() => lab.engine.stop())
    await until(() => states.length >= 4)
    expect(states[2]).toEqual({ state: 'lost', message: 'The lab was ended.' })
    expect(states.at(-1)).toEqual({
      state: 'lost',
      message: 'The lab does not answer. It may have been ended, or the way to its machine is cut.'
    })
  })
})
