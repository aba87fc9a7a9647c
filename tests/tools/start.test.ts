import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { findLabHome } from '../../src-main/lab-home.ts'
import { packageRoot } from '../../src-main/package-root.ts'
import { createRunner } from '../../tools/run-interruptible.mjs'
import { readArguments } from '../../tools/start/arguments.mjs'
import * as home from '../../tools/start/home.mjs'
import { browserCommand } from '../../tools/start/open-in-browser.mjs'
import { openLab } from '../../tools/start/open-lab.mjs'
import { makeTempFolder, makeWorld, writeProgram, writeTree } from './setup-world.ts'

describe('the arguments of npm start', () => {
  const read = (args: string[], env: object = {}, cwd = '/') => readArguments(args, { env, cwd })

  it('are paths, made absolute from where they were typed', () => {
    const folder = makeTempFolder()
    writeTree(folder, { 'a.safetensors': '', '-b.safetensors': '' })
    expect(read(['a.safetensors', '--', '-b.safetensors'], {}, folder)).toEqual({
      ...{ isServed: false, isRetry: false, isHelp: false, port: undefined },
      paths: [join(folder, 'a.safetensors'), join(folder, '-b.safetensors')]
    })
    const asScript = { npm_lifecycle_event: 'start', INIT_CWD: folder }
    expect(read(['a.safetensors'], asScript).paths).toEqual([join(folder, 'a.safetensors')])
    // Left over from another script, which this was started by.
    expect(() => read(['a.safetensors'], { ...asScript, npm_lifecycle_event: 'test' })).toThrow('does not exist')
  })

  it('are options', () => {
    expect(read(['--served'])).toMatchObject({ isServed: true, paths: [] })
    expect(read(['--port', '0'])).toMatchObject({ isServed: true, port: '0' })
    expect(read(['--retry-electron'])).toMatchObject({ isServed: false, isRetry: true })
    expect(read(['--help'])).toMatchObject({ isHelp: true })
  })

  it.each([
    [['--sreved'], 2, "Unknown option '--sreved'; npm start -- --help lists the options."],
    [['--port', 'x'], 2, '--port is "x", but must be a whole number from 0 to 65535.'],
    [['--port', '65536'], 2, '--port is "65536", but must be a whole number from 0 to 65535.'],
    [
      ['--port', '-1'],
      2,
      expect.stringMatching(/^Option '--port.*' argument is ambiguous; npm start -- --help lists the options\.$/)
    ],
    [[''], 2, 'The path of a checkpoint must not be empty.'],
    [['no/such'], 1, 'no/such does not exist; give the path of a checkpoint or a run.']
  ])('%j are refused with status %i', (args, status, message) => {
    expect(() => read(args)).toThrow(expect.objectContaining({ status, message }) as Error)
  })

  it('ask for help before anything is set up', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(packageRoot, 'tools/start.mjs'), '--help'], {
      encoding: 'utf8'
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/^Usage: npm start \[-- \[options\] \[PATH\.\.\.\]\]\n/)
  })
})

describe('the home of the lab', () => {
  it.each([
    ['linux', {}],
    ['linux', { AUTODIDACT_HOME: 'mine' }],
    ['linux', { XDG_DATA_HOME: '/data' }],
    ['linux', { XDG_DATA_HOME: 'relative' }],
    ['darwin', {}],
    ['win32', { APPDATA: '/roaming' }],
    ['win32', {}]
  ])('on %s with %j is that of the programs', (platform, env) => {
    const world = { platform, env, userHome: '/users/me' }
    expect(home.findLabHome(world)).toBe(findLabHome(world))
  })

  it('seems served while its process lives, here', () => {
    const folder = makeTempFolder()
    const note = (lab: unknown) => writeTree(folder, { 'serve.json': JSON.stringify(lab) })
    expect(home.seemsServed(folder)).toBe(false)
    note({ pid: process.pid, host: hostname(), url: '' })
    expect(home.seemsServed(folder)).toBe(true)
    note({ pid: process.pid, host: 'elsewhere', url: '' })
    expect(home.seemsServed(folder)).toBe(false)
    note({ pid: spawnSync(process.execPath, ['--version']).pid, host: hostname() })
    expect(home.seemsServed(folder)).toBe(false)
    for (const damaged of [null, 3, { pid: -1, host: hostname() }, { pid: 'x', host: hostname() }]) {
      note(damaged)
      expect(home.seemsServed(folder)).toBe(false)
    }
  })
})

describe("the user's browser", () => {
  const url = 'http://127.0.0.1:1/?token=a&b'

  it('is opened by what the system has, and only where there is a display', () => {
    const folder = makeTempFolder()
    const on = (platform: string, env: object) => browserCommand({ platform, env }, url)
    expect(on('linux', { DISPLAY: ':0', PATH: folder })).toBeUndefined()
    writeProgram(folder, 'xdg-open', 'exit 0')
    expect(on('linux', { DISPLAY: ':0', PATH: folder })).toEqual([join(folder, 'xdg-open'), url])
    expect(on('linux', { PATH: folder })).toBeUndefined()
    expect(on('darwin', {})).toEqual(['open', url])
    expect(on('win32', {})).toEqual(['rundll32', 'url.dll,FileProtocolHandler', url])
  })
})

// Stand for what `serve` and Electron do: they note how they were called.
const noteCall = `require('node:fs').writeFileSync(process.argv[1] + '.called', JSON.stringify(process.argv.slice(2)))`
const serveProgram = `${noteCall}\nconsole.log('http://127.0.0.1:1/?token=secret')`
const address = 'http://127.0.0.1:1/?token=secret'

/** A clone with a command line, and an Electron where `electron` is its shell script. */
function makeClone({ env = {}, electron }: { env?: object; electron?: string } = {}) {
  const { root, context } = makeWorld()
  writeTree(root, { 'out/cli.js': serveProgram, 'out/package.json': '{}', 'node_modules/electron/package.json': '{}' })
  if (electron !== undefined) {
    writeTree(root, { 'node_modules/electron/path.txt': 'electron' })
    writeTree(root, {
      'node_modules/electron/package.json': '{"version":"1"}',
      'node_modules/electron/dist/version': '1'
    })
    writeProgram(join(root, 'node_modules/electron/dist'), 'electron', electron)
  }
  const runner = createRunner()
  onTestFinished(() => runner.release())
  const said: string[] = []
  const opened: string[] = []
  const world = {
    context: {
      ...context,
      env: { ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '', CI: '', AUTODIDACT_HOME: join(root, 'home'), ...env }
    },
    runner,
    say: (sentence: string) => said.push(sentence),
    open: (_: object, url: string) => opened.push(url)
  }
  const choose = (choice: object = {}) =>
    openLab({ isServed: false, isRetry: false, port: undefined, paths: [], ...choice }, world)
  const served = () => {
    const file = join(root, 'out/cli.js.called')
    return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as string[]) : null
  }
  return { root, said, opened, choose, served }
}

const noteWindow = 'printf "%s\\n" "$@" > "$0.called"; echo "${ELECTRON_RUN_AS_NODE:-a window}" >> "$0.called"'
const windowCall = (root: string) => readFileSync(join(root, 'node_modules/electron/dist/electron.called'), 'utf8')
/** What `serve` prints goes on to this program's output. */
const muteOutput = () => vi.spyOn(process.stdout, 'write').mockReturnValue(true)

describe('npm start', () => {
  it('opens the window where there is a display and Electron, with the checkpoints', async () => {
    const env = { DISPLAY: ':0', ELECTRON_RUN_AS_NODE: '1' }
    const { root, said, choose, served } = makeClone({ env, electron: noteWindow })
    expect(await choose({ paths: ['/a.safetensors', '/-b'] })).toBe(0)
    expect(windowCall(root)).toBe(`${root}\n--\n/a.safetensors\n/-b\na window\n`)
    expect(said).toEqual([])
    expect(served()).toBeNull()
  })

  it('serves the lab where there is no display, and shows its address', async () => {
    const write = muteOutput()
    const { said, opened, choose, served } = makeClone({ electron: noteWindow })
    expect(await choose({ paths: ['/a.safetensors'] })).toBe(0)
    expect(write.mock.calls.map(([text]) => text)).toContain(`${address}\n`)
    write.mockRestore()
    expect(served()).toEqual(['serve', '--', '/a.safetensors'])
    expect(opened).toEqual([address])
    expect(said).toEqual(['There is no display here, so the lab is served to a browser.'])
  })

  it('serves it where Electron cannot be had, saying so', async () => {
    const write = muteOutput()
    const { root, said, choose, served } = makeClone({ env: { DISPLAY: ':0' } })
    writeTree(root, { 'node_modules/electron/install.js': '' })
    await choose()
    write.mockRestore()
    expect(served()).toEqual(['serve', '--'])
    expect(said).toEqual([
      'Electron could not be downloaded, so the lab opens in the browser; npm start -- --retry-electron tries again.'
    ])
  })

  it.each([
    [
      'echo "[1:0101/000000.1:FATAL:setuid_sandbox_host.cc(163)] The sandbox is not configured correctly." >&2; exit 133',
      'The sandbox is not configured correctly'
    ],
    ['exit 7', 'it ended with status 7']
  ])('serves it where the window ends at once: %s', async (electron, why) => {
    const write = muteOutput()
    const { said, choose, served } = makeClone({ env: { DISPLAY: ':0' }, electron })
    expect(await choose()).toBe(0)
    write.mockRestore()
    expect(said).toEqual([`The desktop window could not be opened (${why}), so the lab opens in the browser.`])
    expect(served()).toEqual(['serve', '--'])
  })

  it('serves it on demand', async () => {
    const write = muteOutput()
    const { root, said, choose, served } = makeClone({ env: { DISPLAY: ':0' }, electron: noteWindow })
    await choose({ isServed: true, port: '0' })
    write.mockRestore()
    expect(served()).toEqual(['serve', '--port', '0', '--'])
    expect(existsSync(join(root, 'node_modules/electron/dist/electron.called'))).toBe(false)
    expect(said).toEqual([])
  })

  it('shows the lab that is served already instead of a window beside it', async () => {
    const write = muteOutput()
    const { root, opened, choose, served } = makeClone({ env: { DISPLAY: ':0' }, electron: noteWindow })
    writeTree(root, { 'home/serve.json': JSON.stringify({ pid: process.pid, host: hostname(), url: address }) })
    expect(await choose()).toBe(0)
    write.mockRestore()
    expect(served()).toEqual(['serve', '--'])
    expect(opened).toEqual([address])
  })

  it('ends with what it started, at one Ctrl-C, however many times it arrives', async () => {
    const root = makeTempFolder()
    const count = `let n = 0
process.on('SIGINT', () => { n += 1; setTimeout(() => { console.log('interrupted', n); process.exit(3) }, 50) })
console.log('ready')
setInterval(() => {}, 1000)`
    const runner = join(packageRoot, 'tools/run-interruptible.mjs')
    writeTree(root, {
      'child.mjs': count,
      'parent.mjs': `import { createRunner } from ${JSON.stringify(runner)}
const { run, wasInterrupted } = createRunner()
const { status } = await run(process.execPath, [${JSON.stringify(join(root, 'child.mjs'))}])
console.log('ended', status, wasInterrupted())`
    })
    const parent = spawn(process.execPath, [join(root, 'parent.mjs')], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true
    })
    let printed = ''
    parent.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      if (text.includes('ready')) {
        // As a terminal does, and npm after it.
        process.kill(-parent.pid!, 'SIGINT')
        process.kill(parent.pid!, 'SIGINT')
      }
    })
    await new Promise((resolve) => parent.once('close', resolve))
    expect(printed).toBe('ready\ninterrupted 1\nended 3 true\n')
  })
})
