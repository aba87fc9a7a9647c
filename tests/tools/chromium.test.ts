import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findBrowserTests, selectsBrowserTests } from '../../tools/setup/browser-tests.mjs'
import { chromiumArguments, ensureChromium, findChromium } from '../../tools/setup/chromium.mjs'
import { packageRoot } from '../../src-main/package-root.ts'
import { makeTempFolder, makeWorld, writeProgram, writeTree } from './setup-world.ts'

type Runner = Parameters<typeof makeWorld>[0]

/** A machine whose PATH is one empty folder. */
function makeMachine(changes: object = {}, runner?: Runner) {
  const { root, context, commands, said } = makeWorld(runner)
  const bin = join(root, 'bin')
  const env: Record<string, string> = { PATH: bin, HOME: root }
  const machine = { ...context, env, isRoot: true, aptLists: join(root, 'lists'), ...changes }
  return { root, bin, machine, commands, said }
}

const aptOnly: Runner = (program) => (program === 'apt-get' ? { ok: true } : { ok: false })

describe('a Chromium', () => {
  it('is found on the path, and by CHROMIUM_PATH before that', () => {
    const { root, bin, machine } = makeMachine()
    expect(findChromium(machine)).toBeUndefined()
    writeProgram(bin, 'google-chrome', 'exit 0')
    expect(findChromium(machine)).toBe(join(bin, 'google-chrome'))
    writeProgram(bin, 'chromium', 'exit 0')
    expect(findChromium(machine)).toBe(join(bin, 'chromium'))
    writeProgram(root, 'mine', 'exit 0')
    expect(findChromium({ ...machine, env: { ...machine.env, CHROMIUM_PATH: join(root, 'mine') } })).toBe(
      join(root, 'mine')
    )
  })

  it('is not a script that only says how to install it, nor a file or folder of that name', () => {
    const { bin, machine } = makeMachine({}, (program) => ({ ok: !program.endsWith('chromium-browser') }))
    writeProgram(bin, 'chromium-browser', 'exit 1')
    writeTree(bin, { 'google-chrome': 'text', 'chromium/file': '' })
    expect(findChromium(machine)).toBeUndefined()
    expect(ensureChromium({ ...machine, env: { ...machine.env, CHROMIUM_PATH: bin } }, { mayInstall: true })).toEqual({
      path: '',
      reason: `The tests in a browser are skipped: CHROMIUM_PATH is ${JSON.stringify(bin)}, which is no program; set it to a Chromium, Chrome or Edge, or unset it.`
    })
  })

  it('is found where macOS and Windows put it, without starting it', () => {
    const mac = makeMachine({ platform: 'darwin' })
    const app = join(mac.root, 'Applications', 'Google Chrome.app', 'Contents', 'MacOS')
    writeProgram(app, 'Google Chrome', 'exit 0')
    expect(findChromium(mac.machine)).toBe(join(app, 'Google Chrome'))
    const { root, machine, commands } = makeMachine({ platform: 'win32' })
    const edge = join(root, 'Microsoft', 'Edge', 'Application')
    writeProgram(edge, 'msedge.exe', 'exit 0')
    expect(findChromium({ ...machine, env: { 'ProgramFiles(x86)': root } })).toBe(join(edge, 'msedge.exe'))
    expect([...commands, ...mac.commands]).toEqual([])
  })

  it('is installed by apt-get where we are root, without a question', () => {
    const { root, bin, machine, commands, said } = makeMachine({}, (program, args) => {
      if (program === 'apt-get' && args.includes('install')) writeProgram(bin, 'chromium', 'exit 0')
      return { ok: true }
    })
    writeTree(root, { 'lists/deb_main_Packages': '' })
    expect(ensureChromium(machine, { mayInstall: true })).toEqual({ path: join(bin, 'chromium'), reason: '' })
    expect(commands.filter((command) => / (update|install)\b/.test(command))).toEqual([
      expect.stringMatching(/^apt-get .*install -y --no-install-recommends chromium$/)
    ])
    expect(said).toEqual(['installing Chromium for the tests in a browser (apt-get)'])
  })

  it('is installed after an update where no list of packages is there, or the one there is too old', () => {
    const asked = ({ commands }: { commands: string[] }) =>
      commands.flatMap((command) => / (update|install)\b/.exec(command)?.[1] ?? [])
    const fresh = makeMachine({}, aptOnly)
    ensureChromium(fresh.machine, { mayInstall: true })
    expect(asked(fresh)).toEqual(['update', 'install'])
    let isUpdated = false
    const old = makeMachine({}, (_, args) => {
      isUpdated ||= args.includes('update')
      return { ok: isUpdated || !args.includes('install') }
    })
    writeTree(old.root, { 'lists/deb_main_Packages.lz4': '' })
    ensureChromium(old.machine, { mayInstall: true })
    expect(asked(old)).toEqual(['install', 'update', 'install'])
  })

  it('that apt-get cannot bring is said in one sentence', () => {
    const { machine } = makeMachine({}, (_, args) => ({ ok: args[0] === '--version' }))
    expect(ensureChromium(machine, { mayInstall: true })).toEqual({
      path: '',
      reason:
        'The tests in a browser are skipped: apt-get could not install Chromium (see above); check the network, or set CHROMIUM_PATH to a Chrome or Edge.'
    })
  })

  it.each([
    ['nobody asks for it', {}, false],
    ['we are not root', { isRoot: false }, true],
    ['the system is another', { platform: 'darwin' }, true]
  ])('is not installed where %s', (_, changes, mayInstall) => {
    const { machine, commands } = makeMachine(changes, aptOnly)
    expect(ensureChromium(machine, { mayInstall }).reason).toContain('no Chromium is found; install one (')
    expect(commands.filter((command) => command.includes('install'))).toEqual([])
  })

  it('is asked for in the words of the system', () => {
    const none: Runner = () => ({ ok: false })
    const hintOn = (platform: string) =>
      ensureChromium(makeMachine({ platform }, none).machine, { mayInstall: true }).reason
    expect(hintOn('linux')).toBe(
      'The tests in a browser are skipped: no Chromium is found; install one (Debian: apt-get install chromium; Fedora: dnf install chromium), or set CHROMIUM_PATH to a Chrome or Edge.'
    )
    expect(hintOn('darwin')).toContain('brew install --cask chromium')
    expect(hintOn('win32')).toContain('winget install Google.Chrome')
    expect(hintOn('openbsd')).toContain('install one, or set CHROMIUM_PATH')
  })

  it('is started without its sandbox for root alone', () => {
    expect(chromiumArguments({ isRoot: true })).toContain('--no-sandbox')
    expect(chromiumArguments({ isRoot: false })).not.toContain('--no-sandbox')
  })
})

describe('tests in a browser', () => {
  function makeClone(): string {
    const folder = makeTempFolder()
    writeTree(folder, {
      'tests/e2e/story.test.ts': "import { launchChromium } from '../helpers/chromium.ts'",
      'tests/shell/desktop.test.ts': "import { launch } from './world.ts'",
      'tests/shell/world.ts': "import { other } from './circle.ts'\nimport { x } from 'playwright-core'",
      'tests/shell/circle.ts': "import { launch } from './world.ts'",
      'tests/science/softmax.test.ts': "import { softmax } from '../../src-shared/softmax.ts'",
      'src-shared/softmax.ts': '// playwright-core is not of the tests'
    })
    return folder
  }

  it('are those that drive one, themselves or through what they import', () => {
    expect(findBrowserTests(makeClone()).sort()).toEqual(['tests/e2e/story.test.ts', 'tests/shell/desktop.test.ts'])
  })

  it.each([
    [[], true],
    [['tests/e2e'], true],
    [['./tests/shell/desktop.test.ts'], true],
    [['story'], true],
    [['tests/science'], false],
    [['tests/science', 'tests/shell'], true],
    [['-t', 'story', 'tests/science'], false],
    [['--reporter=verbose'], true]
  ])('are chosen by %j: %s', (args, isChosen) => {
    expect(selectsBrowserTests(makeClone(), args)).toBe(isChosen)
  })

  it('are none of the science of this repository', () => {
    expect(findBrowserTests(packageRoot).filter((file: string) => file.startsWith('tests/science'))).toEqual([])
    expect(selectsBrowserTests(packageRoot, ['tests/science'])).toBe(false)
  })
})
