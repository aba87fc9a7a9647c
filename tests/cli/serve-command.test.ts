import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runCli } from '../../src-main/cli/run-cli.ts'
import { claimHome, findRunningLab } from '../../src-main/cli/server/lab-file.ts'
import { connect } from '../../src-shared/rpc.ts'
import { shellCalls } from '../../src-shared/shell-contract.ts'
import { socketTransport } from '../../src-shared/socket-transport.ts'
import { run } from './run.ts'
import { afterwards, ask, engineEntry, makeFolder, makeWeb, openSocket, until, type TestLab } from './served/lab.ts'

let folder: string
let root: string
let home: string
beforeEach(() => {
  folder = makeFolder()
  root = join(folder, 'root')
  home = join(root, 'autodidact-lab')
  mkdirSync(root)
})
afterEach(() => void vi.unstubAllEnvs())

type Running = { stdout: string; stderr: string; done: Promise<number>; end(): Promise<number> }

/** The command in this process, with the fake engine; ended after the test. */
function start(argv: string[]): Running {
  const controller = new AbortController()
  const stdout = new PassThrough().on('data', (chunk: Buffer) => void (running.stdout += chunk.toString()))
  const stderr = new PassThrough().on('data', (chunk: Buffer) => void (running.stderr += chunk.toString()))
  const done = runCli(argv, {
    stdout,
    stderr,
    createEngine: () => Promise.reject(new Error('The served lab has an engine process.')),
    lab: { engineEntry, webFolder: existsSync(join(folder, 'web')) ? join(folder, 'web') : makeWeb(folder) },
    signal: controller.signal
  })
  const end = () => {
    controller.abort()
    return done
  }
  const running: Running = { stdout: '', stderr: '', done, end }
  afterwards(end)
  return running
}

/** The command once it has printed an address. */
async function served(argv: string[]) {
  const running = start(argv)
  await Promise.race([until(() => running.stdout.includes('\n')), running.done])
  const url = new URL(running.stdout.trim())
  const port = Number(url.port)
  const token = url.searchParams.get('token')!
  const lab = { port, token, cookie: `autodidact-${port}=${token}`, origin: url.origin } as TestLab
  return { running, url: url.href, lab }
}

/** How often an engine has begun, once one has. */
async function countEngines(): Promise<number> {
  const file = join(home, 'engine.log')
  await until(() => existsSync(file) && readFileSync(file, 'utf8').includes('begun'))
  return readFileSync(file, 'utf8').match(/begun/g)!.length
}

describe('serve', () => {
  it('prints the address, serves until Ctrl-C, and leaves nothing behind', async () => {
    const { running, url, lab } = await served(['serve', '--root', root, '--port', '0'])
    expect(running.stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}\n$/)
    expect(running.stderr).toBe(`The lab of ${home} is here until Ctrl-C:\n`)
    expect((await ask(lab, '/', { headers: { cookie: lab.cookie } })).status).toBe(200)
    const file = join(home, 'serve.json')
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ pid: process.pid, url, host: hostname() })
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(await countEngines()).toBe(1)
    expect(await running.end()).toBe(0)
    expect(existsSync(file)).toBe(false)
    expect(readFileSync(join(home, 'engine.log'), 'utf8')).toBe('begun\nSIGTERM\n')
    await expect(ask(lab, '/')).rejects.toThrow('ECONNREFUSED')
  })

  it('--json prints one document, --quiet no messages', async () => {
    const running = start(['serve', '--root', root, '--port', '0', '--json', '--quiet'])
    await until(() => running.stdout.includes('\n'))
    expect(JSON.parse(running.stdout)).toEqual({ url: expect.stringContaining('?token='), home, pid: process.pid })
    await running.end()
    expect(running.stderr).toBe('')
    expect(running.stdout.trim().split('\n')).toHaveLength(1)
  })

  it('gives the engine its home, its roots and the backend', async () => {
    const { lab } = await served(['serve', '--root', root, '--port', '0', '--backend', 'cpu'])
    const { labCalls } = await import('../../src-shared/lab-contract.ts')
    const engine = connect(labCalls, socketTransport(await openSocket(lab, '/engine')))
    const { home: given, runs } = await engine.lab({})
    expect({ home: given, ...JSON.parse(runs) }).toEqual({ home, roots: [root], backend: 'cpu' })
  })

  it("without --root serves the user's own lab, from anywhere", async () => {
    vi.stubEnv('AUTODIDACT_HOME', join(folder, 'mine'))
    const { running, lab } = await served(['serve', '--port', '0'])
    expect(running.stderr).toContain(join(folder, 'mine'))
    const shell = connect(shellCalls, socketTransport(await openSocket(lab, '/shell')))
    expect((await shell.environment({})).roots).toEqual([])
    expect((await shell.listFolder({ path: '/' })).path).toBe('/')
  })

  it('opens the checkpoints that are named, in the first page', async () => {
    writeFileSync(join(root, 'net.safetensors'), '')
    const named = join(root, 'net.safetensors')
    const { lab } = await served(['serve', '--root', root, '--port', '0', named])
    const shell = connect(shellCalls, socketTransport(await openSocket(lab, '/shell')))
    const events: unknown[] = []
    const controller = new AbortController()
    shell
      .watchShell({}, { onProgress: (event) => events.push(event), signal: controller.signal })
      .catch(() => undefined)
    await until(() => events.length >= 2)
    controller.abort()
    expect(events[1]).toEqual({ kind: 'open', paths: [named] })
  })

  it.each<[string, () => string[], number, () => string]>([
    ['a root that is not there', () => ['--root', join(root, 'no')], 1, () => `${join(root, 'no')} does not exist.`],
    [
      'a root that is a file',
      () => ['--root', engineEntry],
      1,
      () => `${engineEntry} is a file; --root takes a folder.`
    ],
    [
      'a checkpoint that is not there',
      () => ['--root', root, join(root, 'no')],
      1,
      () => `${join(root, 'no')} does not exist.`
    ],
    [
      'a checkpoint outside',
      () => ['--root', root, folder],
      1,
      () => `${folder} lies outside ${root} and ${home}; choose a place in there.`
    ],
    [
      'a port that is none',
      () => ['--port', '65536'],
      2,
      () => '--port must be a whole number of at least 0 and at most 65535, not "65536".'
    ],
    [
      'a port in words',
      () => ['--port', 'any'],
      2,
      () => '--port must be a whole number of at least 0 and at most 65535, not "any".'
    ],
    ['an empty root', () => ['--root', ''], 2, () => '--root must not be empty.'],
    [
      'an unknown backend',
      () => ['--backend', 'cuda'],
      2,
      () => '--backend must be one of native, webgpu, wasm or cpu, not "cuda".'
    ]
  ])('refuses %s', async (_name, argv, status, sentence) => {
    const running = start(['serve', ...argv()])
    expect(await running.done).toBe(status)
    expect(running.stderr).toBe(`${sentence()}\n`)
    expect(running.stdout).toBe('')
  })

  it('a port in use by another program ends with one sentence, and leaves nothing', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    afterwards(() => void other.close())
    await until(() => other.listening)
    const { port } = other.address() as { port: number }
    const running = start(['serve', '--root', root, '--port', String(port)])
    expect(await running.done).toBe(1)
    expect(running.stderr).toBe(
      `The port ${port} is in use by another program; choose another with --port, or let --port 0 find a free one.\n`
    )
    expect(existsSync(join(home, 'serve.json'))).toBe(false)
    expect(existsSync(join(home, 'engine.log'))).toBe(false)
  })
})

describe('one lab per home', () => {
  it('a second serve prints the address of the first, and opens there', async () => {
    const { url, lab } = await served(['serve', '--root', root, '--port', '0'])
    const shell = connect(shellCalls, socketTransport(await openSocket(lab, '/shell')))
    const events: unknown[] = []
    const controller = new AbortController()
    shell
      .watchShell({}, { onProgress: (event) => events.push(event), signal: controller.signal })
      .catch(() => undefined)
    const second = start(['serve', '--root', root, '--port', '0', root])
    expect(await second.done).toBe(0)
    expect(second.stdout).toBe(`${url}\n`)
    expect(second.stderr).toBe(`The lab of ${home} is running already:\n`)
    await until(() => events.some((event) => (event as { kind: string }).kind === 'open'))
    controller.abort()
    expect(events.at(-1)).toEqual({ kind: 'open', paths: [root] })
    expect(await countEngines()).toBe(1)
  })

  it.each([false, true])('of several that start at once, one serves and the others find it', async (isStale) => {
    mkdirSync(home)
    const stale = { pid: process.pid, url: url(9), host: hostname() }
    if (isStale) writeFileSync(join(home, 'serve.json'), JSON.stringify(stale))
    const running = Array.from({ length: 4 }, () => start(['serve', '--root', root, '--port', '0']))
    await until(() => running.every(({ stdout }) => stdout.includes('\n')))
    expect(new Set(running.map(({ stdout }) => stdout)).size).toBe(1)
    expect(running.filter(({ stderr }) => stderr.includes('is here until Ctrl-C'))).toHaveLength(1)
    expect(await countEngines()).toBe(1)
  })

  const url = (port: number | string) => `http://127.0.0.1:${port}/?token=${'x'.repeat(43)}`
  it.each<[string, () => unknown]>([
    ['of a process that has ended', () => ({ pid: 2 ** 22 - 3, url: url(9), host: hostname() })],
    ['of a number that another process has now', () => ({ pid: process.pid, url: url(9), host: hostname() })],
    ['that is no JSON', () => 'garbage'],
    ['of another form', () => ({ pid: 'x', url: 'http://evil.example/', host: hostname() })]
  ])('a file %s is taken over', async (_name, content) => {
    mkdirSync(home)
    const value = content()
    writeFileSync(join(home, 'serve.json'), typeof value === 'string' ? value : JSON.stringify(value))
    const { url: printed } = await served(['serve', '--root', root, '--port', '0'])
    expect(JSON.parse(readFileSync(join(home, 'serve.json'), 'utf8'))).toMatchObject({ url: printed })
  })

  it('a port that another lab has now is not taken for this one', async () => {
    const { lab } = await served(['serve', '--root', root, '--port', '0'])
    const other = join(folder, 'other')
    mkdirSync(other)
    writeFileSync(join(other, 'serve.json'), JSON.stringify({ pid: process.pid, url: url(lab.port), host: hostname() }))
    expect(await findRunningLab(other)).toBeNull()
  })

  it('a lab of another machine is left alone', async () => {
    mkdirSync(home)
    const file = join(home, 'serve.json')
    writeFileSync(file, JSON.stringify({ pid: 1, url: url(8017), host: 'elsewhere' }))
    const running = start(['serve', '--root', root, '--port', '0'])
    expect(await running.done).toBe(1)
    expect(running.stderr).toBe(
      `The lab in ${home} is served on the machine elsewhere; end it there, or delete ${file} if it has ended.\n`
    )
    expect(existsSync(file)).toBe(true)
  })

  it('a lab that is just ending is waited for', async () => {
    const { running, url: first } = await served(['serve', '--root', root, '--port', '0'])
    const ended = running.end()
    const { url: second } = await served(['serve', '--root', root, '--port', '0'])
    await ended
    expect(second).not.toBe(first)
    expect(JSON.parse(readFileSync(join(home, 'serve.json'), 'utf8'))).toMatchObject({ url: second })
  })

  it('its file is not written through a link', async () => {
    mkdirSync(home)
    const outside = join(folder, 'outside.json')
    symlinkSync(outside, join(home, 'serve.json'))
    expect(await claimHome(home, url(1))).toBeNull()
    expect(existsSync(outside)).toBe(false)
  })
})

describe('jobs', () => {
  const list = (id: string, state: string) => ({
    ...{ id, state, spec: { kind: 'resume', run: '/runs/a' }, title: `Job ${id}` },
    progress: { fraction: 0.5, secondsLeft: null, message: '' },
    ...{ createdAt: '2025-01-02T03:04:05.000Z', startedAt: null, endedAt: null, error: null, run: null, attempts: 1 }
  })

  it('of a running lab are listed and cancelled', async () => {
    await served(['serve', '--root', root, '--port', '0'])
    const listed = await run(['jobs', '--root', root])
    expect(listed).toMatchObject({ status: 0, stderr: '' })
    expect(listed.stdout).toBe(
      'job     state    done  begun (UTC)       title\n' +
        'aaaa-1  running  25 %  2025-01-02 03:04  Job aaaa-1\n' +
        'aabb-2  done        -  2025-01-02 03:04  Job aabb-2\n'
    )
    const cancelled = await run(['jobs', 'cancel', 'aaaa', '--root', root, '--json'])
    expect(JSON.parse(cancelled.stdout)).toMatchObject({ id: 'aaaa-1', state: 'cancelled' })
    expect((await run(['jobs', '--root', root, '--json'])).stdout).toContain('"state":"cancelled"')
  })

  it.each([
    ['zz', 'There is no job "zz"; the command jobs lists them.'],
    ['aa', '2 jobs begin with "aa"; write more of the number.'],
    ['aabb', 'Job aabb-2 (aabb-2) has ended already: it is done.']
  ])('cancel %s is refused', async (id, sentence) => {
    await served(['serve', '--root', root, '--port', '0'])
    expect(await run(['jobs', 'cancel', id, '--root', root])).toMatchObject({
      status: 1,
      stdout: '',
      stderr: `${sentence}\n`
    })
  })

  it('of a lab that is not running are those of its file, newest first; what is no job is left out', async () => {
    mkdirSync(home)
    const jobs = [list('old', 'done'), { id: 'broken' }, list('new', 'failed')]
    writeFileSync(join(home, 'jobs.json'), JSON.stringify({ version: 1, jobs }))
    const { stdout } = await run(['jobs', '--root', root, '--json'])
    expect((JSON.parse(stdout) as { id: string }[]).map(({ id }) => id)).toEqual(['new', 'old'])
  })

  it('of a lab that never ran are none', async () => {
    expect(await run(['jobs', '--root', root])).toMatchObject({ status: 0, stdout: `There are no jobs in ${home}.\n` })
    expect(existsSync(home)).toBe(false)
    expect(await run(['jobs', 'cancel', 'a', '--root', root])).toMatchObject({
      status: 1,
      stderr: `No lab is running in ${home}, so no job is; start it with serve.\n`
    })
  })

  it('a file that is no list of jobs is said so', async () => {
    mkdirSync(home)
    writeFileSync(join(home, 'jobs.json'), '[]')
    expect(await run(['jobs', '--root', root])).toMatchObject({
      status: 1,
      stderr: `${join(home, 'jobs.json')} is no list of jobs; start the lab, which sets it aside and begins a new one.\n`
    })
  })
})
