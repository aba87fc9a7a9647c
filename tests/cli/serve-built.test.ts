import { mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { askEngine } from '../../src-main/cli/server/lab-client.ts'
import { findRunningLab } from '../../src-main/cli/server/lab-file.ts'
import { ensureBuilt } from '../helpers/built.ts'
import { jsonOf, refusalOf, runBuilt, testFolder } from './built-cli.ts'
import { ask } from './served/lab.ts'

const root = realpathSync(testFolder())
const home = join(root, 'autodidact-lab')

beforeAll(() => ensureBuilt('node', 'page'), 120_000)

/** The built command as a process of its own; gives what it prints, and its end. */
function serveBuilt() {
  let told: (text: string) => void = () => undefined
  const printed = new Promise<string>((resolve) => (told = resolve))
  let interrupt: () => void = () => undefined
  const ended = runBuilt(['serve', '--root', root, '--port', '0', '--json', '--quiet'], {
    onStart(child) {
      child.stdout!.on('data', (chunk: Buffer) => told(chunk.toString()))
      interrupt = () => void child.kill('SIGINT')
    }
  })
  return { printed: Promise.race([printed, ended.then(({ stderr }) => stderr)]), ended, interrupt: () => interrupt() }
}

it('the built lab: visited, asked, found by jobs and by a second serve, ended by Ctrl-C', async () => {
  const { printed, ended, interrupt } = serveBuilt()
  const { url, pid } = JSON.parse(await printed) as { url: string; pid: number }
  const { port, searchParams } = new URL(url)
  const visited = await ask({ port: Number(port) }, `/?token=${searchParams.get('token')}`)
  const cookie = visited.headers['set-cookie']![0]!.split(';')[0]!
  const page = await ask({ port: Number(port) }, '/', { headers: { cookie } })
  expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } })
  for (const [, asset] of page.text.matchAll(/(?:src|href)="\.(\/assets\/[^"]+)"/g))
    expect((await ask({ port: Number(port) }, asset!, { headers: { cookie } })).status).toBe(200)

  const lab = (await findRunningLab(home))!
  expect(lab).toMatchObject({ url, pid })
  const facts = await askEngine(lab, (engine) => engine.lab({}))
  expect(facts).toMatchObject({ home, runs: join(home, 'runs') })
  await expect(askEngine(lab, (engine) => engine.openCheckpoint({ path: '/etc/hostname' }))).rejects.toThrow(
    `/etc/hostname lies outside ${root}; choose a file or folder in there.`
  )
  expect(await jsonOf<unknown[]>(['jobs', '--root', root])).toEqual([])
  expect(await refusalOf(['jobs', 'cancel', 'x', '--root', root], 1)).toBe(
    'There is no job "x"; the command jobs lists them.'
  )
  expect(await jsonOf(['serve', '--root', root])).toEqual({ url, home, pid })
  expect(await refusalOf(['serve', '--root', join(root, 'other'), '--port', port], 1)).toBe(
    `${join(root, 'other')} does not exist.`
  )
  mkdirSync(join(root, 'other'))
  expect(await refusalOf(['serve', '--root', join(root, 'other'), '--port', port], 1)).toBe(
    `The port ${port} is in use by another program; choose another with --port, or let --port 0 find a free one.`
  )

  interrupt()
  expect(await ended).toMatchObject({ status: 0, stderr: '' })
  expect(() => process.kill(facts.pid, 0)).toThrow('ESRCH')
  expect(await findRunningLab(home)).toBeNull()
})
