import { describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { UsageError, UserError } from '../../src-shared/errors.ts'
import { encodeFrame } from '../../src-shared/frames.ts'
import { labCalls } from '../../src-shared/lab-contract.ts'
import { connect, DisconnectedError } from '../../src-shared/rpc.ts'
import { shellCalls, type ShellEvent } from '../../src-shared/shell-contract.ts'
import { smallConfig } from '../engine/training/small-run.ts'
import { closeCodes, closeReason, socketTransport } from '../../src-shared/socket-transport.ts'
import { afterwards, ask, closingOf, openSocket, startLab, until, type TestLab } from './served/lab.ts'

const openEngine = async (lab: TestLab) => {
  const socket = await openSocket(lab, '/engine')
  return { socket, engine: connect(labCalls, socketTransport(socket)) }
}
const openShell = async (lab: TestLab) => connect(shellCalls, socketTransport(await openSocket(lab, '/shell')))

/** Watches the shell until the test ends. */
function watch(shell: Awaited<ReturnType<typeof openShell>>): ShellEvent[] {
  const events: ShellEvent[] = []
  const controller = new AbortController()
  afterwards(() => controller.abort())
  shell.watchShell({}, { onProgress: (event) => events.push(event), signal: controller.signal }).catch(() => undefined)
  return events
}

describe('/engine', () => {
  it('carries calls, results with typed arrays, errors with their type and progress', async () => {
    const lab = await startLab()
    const { engine } = await openEngine(lab)
    const { home, runs } = await engine.lab({})
    expect({ home, ...JSON.parse(runs) }).toEqual({ home: lab.home, roots: [lab.root] })
    const images = await engine.readImages({ dataset: 'd', split: 'test', indices: [3, 9] })
    expect(images.pixels).toStrictEqual(new Uint8Array([3, 252, 9, 246]))
    await expect(engine.doctor({})).rejects.toThrow(new UserError('The fake engine has no doctor.'))
    const told: unknown[] = []
    const controller = new AbortController()
    const watching = engine.watchJobs({}, { onProgress: (jobs) => told.push(jobs), signal: controller.signal })
    await until(() => told.length > 0)
    expect(told).toEqual([[expect.objectContaining({ id: 'aaaa-1' }), expect.objectContaining({ id: 'aabb-2' })]])
    controller.abort()
    await expect(watching).rejects.toThrow('Cancelled.')
  })

  it('keeps pages apart, and tells the engine of their comings and goings', async () => {
    const lab = await startLab()
    const [first, second] = [await openEngine(lab), await openEngine(lab)]
    await Promise.all([first.engine.jobs({}), second.engine.jobs({})])
    first.socket.close(1000, 'The tab was closed.')
    await until(() => lab.engineLog().length >= 4)
    expect(lab.engineLog()).toEqual(['begun', 'open 1', 'open 2', 'close 1 The tab was closed.'])
    expect(await second.engine.jobs({})).toHaveLength(2)
  })

  it('the engine lives on when all tabs are closed', async () => {
    const lab = await startLab()
    const { socket, engine } = await openEngine(lab)
    const { pid } = await engine.lab({})
    socket.close()
    await closingOf(socket)
    expect((await (await openEngine(lab)).engine.lab({})).pid).toBe(pid)
  })

  it('an answer that no frame can hold is the error of its call', async () => {
    const lab = await startLab()
    const { engine } = await openEngine(lab)
    const asked = engine.previewNetwork({ config: smallConfig() })
    await expect(asked).rejects.toThrow(/^The message cannot be sent: .*BigInt/)
    expect(await engine.jobs({})).toHaveLength(2)
  })

  it('the engine may end a connection, with its reason', async () => {
    const lab = await startLab()
    const { socket, engine } = await openEngine(lab)
    const asked = engine.openCheckpoint({ path: 'leave' })
    const closing = closingOf(socket)
    await expect(asked).rejects.toThrow(new DisconnectedError('The engine has had enough.'))
    expect(await closing).toEqual({ code: closeCodes.engineStopped, reason: 'The engine has had enough.' })
  })

  it.each<[string, string | Uint8Array]>([
    ['text', '{"type":"call"}'],
    ['bytes that are no frame', new Uint8Array([9, 0, 0, 0, 1])],
    ['a frame with bytes left over', new Uint8Array([...encodeFrame({ type: 'cancel', id: 1 }), 0])]
  ])('%s closes its socket, and no other', async (_name, data) => {
    const lab = await startLab()
    const good = await openEngine(lab)
    for (const path of ['/engine', '/shell']) {
      const bad = await openSocket(lab, path)
      const closing = closingOf(bad)
      bad.send(data)
      expect(await closing).toEqual({ code: closeCodes.badFrame, reason: 'What was sent is no frame of the lab.' })
    }
    expect(await good.engine.jobs({})).toHaveLength(2)
  })

  it('a frame that is no message is passed over', async () => {
    const lab = await startLab()
    const { socket, engine } = await openEngine(lab)
    const shell = await openSocket(lab, '/shell')
    for (const garbage of [null, 7, {}, { type: 'call', id: 'x' }]) shell.send(encodeFrame(garbage))
    socket.send(encodeFrame({ type: 'result', id: 1, value: 1 }))
    expect(await engine.jobs({})).toHaveLength(2)
    expect((await connect(shellCalls, socketTransport(shell)).environment({})).kind).toBe('served')
  })

  it('a message that is too large closes its socket', async () => {
    const lab = await startLab({ server: { limits: { mostBytes: 1000 } } })
    const { socket } = await openEngine(lab)
    const closing = closingOf(socket)
    socket.send(new Uint8Array(1001))
    expect((await closing).code).toBe(1009)
  })

  it('a page that does not read is cut off, the others are served on', async () => {
    const lab = await startLab({ server: { limits: { mostBuffered: 2 ** 22 } } })
    const slow = await openEngine(lab)
    const good = await openEngine(lab)
    slow.socket.pause()
    void slow.engine.openCheckpoint({ path: 'flood' }).catch(() => undefined)
    await until(() => lab.engineLog().some((line) => line.startsWith('close 1')))
    expect(await good.engine.jobs({})).toHaveLength(2)
  })

  it('a page that gives no sign of life is cut off; one that does stays', async () => {
    const lab = await startLab({ server: { limits: { heartbeatMs: 400 } } })
    const dead = await openEngine(lab)
    const alive = await openEngine(lab)
    // Pings are answered by the socket itself; a paused one does not read them.
    dead.socket.pause()
    await until(() => lab.engineLog().some((line) => line.startsWith('close 1')))
    expect(alive.socket.readyState).toBe(WebSocket.OPEN)
  })

  it('too many pages are refused', async () => {
    const lab = await startLab({ server: { limits: { mostSockets: 2 } } })
    const first = await openSocket(lab, '/shell')
    await openSocket(lab, '/shell')
    await expect(openSocket(lab, '/engine')).rejects.toThrow('503')
    first.close()
    await closingOf(first)
    await openSocket(lab, '/engine')
  })
})

describe('an engine that dies', () => {
  const hasDied = (pid: number) => {
    try {
      return !process.kill(pid, 0)
    } catch {
      return true
    }
  }

  it('is told to the pages, whose sockets are closed, and is replaced', async () => {
    const lab = await startLab()
    const { socket, engine } = await openEngine(lab)
    const events = watch(await openShell(lab))
    await until(() => events.length > 0)
    expect(events).toEqual([{ kind: 'engine', state: 'running', message: '' }])
    const { pid } = await engine.lab({})
    const closing = closingOf(socket)
    const asked = engine.followJob({ id: 'x' }).catch((error: unknown) => error)
    process.kill(pid, 'SIGKILL')
    const message =
      'The engine ended unexpectedly (signal SIGKILL); a new one is starting, and trainings go on from their last checkpoint.'
    expect(await closing).toEqual({ code: closeCodes.engineStopped, reason: closeReason(message) })
    await asked
    await until(() => events.length >= 3)
    expect(events.slice(1)).toEqual([
      { kind: 'engine', state: 'stopped', message },
      { kind: 'engine', state: 'running', message: '' }
    ])
    const again = await (await openEngine(lab)).engine.lab({})
    expect(again.pid).not.toBe(pid)
    expect(hasDied(pid)).toBe(true)
  })

  it('while answering rejects the call', async () => {
    const lab = await startLab()
    const { engine } = await openEngine(lab)
    const asked = engine.openCheckpoint({ path: 'die' })
    await expect(asked).rejects.toBeInstanceOf(DisconnectedError)
    await expect(asked).rejects.toThrow('The engine ended unexpectedly (exit code 3); a new one is starting')
  })

  it('makes a page that comes meanwhile wait for the new one', async () => {
    const lab = await startLab({ engine: { delaysMs: [300] } })
    const { engine } = await openEngine(lab)
    const states: string[] = []
    const opening = new Promise<Awaited<ReturnType<typeof openEngine>>>((resolve) => {
      afterwards(
        lab.engine.watch(({ state }) => {
          states.push(state)
          if (state === 'stopped') resolve(openEngine(lab))
        })
      )
    })
    void engine.openCheckpoint({ path: 'die' }).catch(() => undefined)
    expect(await (await opening).engine.jobs({})).toHaveLength(2)
    expect(states).toEqual(['stopped', 'running'])
  })

  it('again and again stays down, and everybody is told', async () => {
    const lab = await startLab({ engine: { backend: 'webgpu', delaysMs: [0] } })
    const events = watch(await openShell(lab))
    const sentence =
      'The engine ended 5 times within a minute (exit code 9: The lab is in use) and stays down; start the lab again, with --verbose.'
    await until(() => events.some((event) => event.kind === 'engine' && event.message === sentence))
    await expect(openSocket(lab, '/engine')).rejects.toThrow('503')
    await expect(lab.engine.ready()).rejects.toThrow(sentence)
    const { status, text } = await ask(lab, '/alive', { headers: { cookie: lab.cookie } })
    expect(status).toBe(503)
    expect(JSON.parse(text)).toEqual({ error: sentence })
  })

  it.skipIf(process.platform === 'win32')(
    'by itself is no death: it has a group of its own, and ends in time',
    async () => {
      const lab = await startLab({ engine: { backend: 'wasm', patienceMs: 300 } })
      const { engine } = await openEngine(lab)
      const { pid } = await engine.lab({})
      // A signal of the terminal goes to the group of the server only.
      expect(process.kill(-pid, 0)).toBe(true)
      const child = Number(
        lab
          .engineLog()
          .find((line) => line.startsWith('child '))!
          .slice(6)
      )
      expect(hasDied(child)).toBe(false)
      // This one does not answer SIGTERM: it is ended by force, with the job process that it has started.
      await lab.engine.stop()
      await until(() => hasDied(pid) && hasDied(child))
      expect(lab.engineLog()).toContain('SIGTERM')
    }
  )

  it('a program that is not there is a death like any other', async () => {
    const lab = await startLab({ engine: { entry: '/nowhere/engine.js', delaysMs: [0] } })
    await expect(lab.engine.ready()).rejects.toThrow('ended 5 times within a minute (exit code 1: Cannot find module')
  })
})

describe('/shell', () => {
  it('says where the page is', async () => {
    const lab = await startLab()
    const shell = await openShell(lab)
    expect(await shell.environment({})).toEqual({
      kind: 'served',
      platform: process.platform,
      version: '1.2.3',
      roots: [lab.root]
    })
  })

  it('refuses what only a desktop has', async () => {
    const shell = await openShell(await startLab())
    const bytes = new Uint8Array([1])
    for (const asked of [
      shell.pickCheckpoints({}),
      shell.saveFile({ name: 'a', bytes }),
      shell.copyImage({ png: bytes }),
      shell.copyText({ text: 'a' }),
      shell.showInFolder({ path: '/a' })
    ]) {
      await expect(asked).rejects.toBeInstanceOf(UsageError)
      await expect(asked).rejects.toThrow(/ belongs to the desktop; this lab is served to a browser\.$/)
    }
  })

  it('writes figures as files', async () => {
    const shell = await openShell(await startLab())
    const figure = { title: 'T', description: 'D', density: 2, createdAt: '2025-01-01T00:00:00.000Z' }
    const source = '<svg height="10" width="20"><!-- gone --><rect width="20" height="10"/></svg>'
    const { bytes } = await shell.renderFile({ ...figure, format: 'svg', source })
    expect(new TextDecoder().decode(bytes)).toContain('<title>T</title>\n<desc>D</desc>\n<rect')
    const png = await shell.renderFile({ ...figure, format: 'png', source })
    expect([...png.bytes.subarray(1, 4)]).toEqual([...Buffer.from('PNG')])
  })

  it('opens what is asked for in the page that came last, or in the next one', async () => {
    const lab = await startLab()
    const openEvents = (events: ShellEvent[]) => events.filter(({ kind }) => kind === 'open')
    await lab.server.openPaths([lab.root])
    await lab.server.openPaths([lab.root, lab.home])
    const first = watch(await openShell(lab))
    await until(() => openEvents(first).length > 0)
    expect(openEvents(first)).toEqual([{ kind: 'open', paths: [lab.root, lab.home] }])
    const second = watch(await openShell(lab))
    await until(() => second.length > 0)
    expect(openEvents(second)).toEqual([])
    const headers = { cookie: lab.cookie, origin: lab.origin }
    const body = JSON.stringify({ paths: [lab.home] })
    expect((await ask(lab, '/open', { method: 'POST', headers, body })).status).toBe(200)
    await until(() => openEvents(second).length > 0)
    expect(openEvents(second)).toEqual([{ kind: 'open', paths: [lab.home] }])
    expect(openEvents(first)).toHaveLength(1)
  })

  it('refuses to open what lies outside, and what is no list of paths', async () => {
    const lab = await startLab()
    const headers = { cookie: lab.cookie, origin: lab.origin }
    const post = async (body: string) => {
      const { status, text } = await ask(lab, '/open', { method: 'POST', headers, body })
      return { status, ...(JSON.parse(text) as { error: string }) }
    }
    const outside = `${lab.folder} lies outside ${lab.root} and ${lab.home}; choose a place in there.`
    expect(await post(JSON.stringify({ paths: [lab.folder] }))).toEqual({ status: 400, error: outside })
    for (const body of ['', 'x', '{}', '{"paths":[""]}', '{"paths":"/a"}'])
      expect(await post(body)).toEqual({ status: 400, error: 'Paths to open were expected.' })
    expect(await post(' '.repeat(2 ** 20 + 1))).toEqual({ status: 400, error: 'What was sent is larger than 1 MiB.' })
  })
})

it('a lab that ends tells its pages, lets the engine save, and answers no more', async () => {
  const lab = await startLab()
  const { socket, engine } = await openEngine(lab)
  const { pid } = await engine.lab({})
  const closing = closingOf(socket)
  await lab.server.close(async () => {
    expect((await ask(lab, '/alive', { headers: { cookie: lab.cookie } })).status).toBe(410)
    await expect(openSocket(lab, '/engine')).rejects.toThrow('503')
    await lab.engine.stop()
  })
  expect(await closing).toEqual({ code: 1001, reason: 'The lab was ended.' })
  expect(lab.engineLog()).toContain('SIGTERM')
  expect(() => process.kill(pid, 0)).toThrow()
  await expect(ask(lab, '/')).rejects.toThrow('ECONNREFUSED')
})

it('a port that is in use is said so, with the way out', async () => {
  const { port } = await startLab()
  await expect(startLab({ server: { port } })).rejects.toThrow(
    `The port ${port} is in use by another program; choose another with --port, or let --port 0 find a free one.`
  )
})
