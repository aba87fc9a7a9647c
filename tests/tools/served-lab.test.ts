import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { screens } from '../../tools/docs-screens.mjs'
import { startServedLab } from '../../tools/served-lab.mjs'
import { packageRoot } from '../../src-main/package-root.ts'
import { makeTempFolder, writeTree } from './setup-world.ts'

describe('a lab that a program serves for itself', () => {
  it('tells its address, keeps its things where it is told, and ends on demand', async () => {
    const root = makeTempFolder()
    const home = join(root, 'home')
    writeTree(root, {
      'out/cli.js': `const { argv, env } = process
require('node:fs').writeFileSync(env.AUTODIDACT_HOME + '.args', argv.slice(2).join(' '))
console.log(JSON.stringify({ url: 'http://127.0.0.1:1/?token=t', home: env.AUTODIDACT_HOME }, null, 2))
setInterval(() => {}, 1000)`
    })
    const { url, stop, pid } = await startServedLab({ root, home })
    expect(url).toBe('http://127.0.0.1:1/?token=t')
    await stop()
    expect(readFileSync(`${home}.args`, 'utf8')).toBe('serve --port 0 --json --quiet')
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })

  it('that does not start says why', async () => {
    const root = makeTempFolder()
    writeTree(root, { 'out/cli.js': `console.error('The home is in use.')\nprocess.exitCode = 1` })
    await expect(startServedLab({ root, home: root })).rejects.toThrow('The home is in use.')
    writeTree(root, { 'out/cli.js': '' })
    await expect(startServedLab({ root, home: root })).rejects.toThrow('The lab ended before it was served.')
  })
})

describe('the pictures of the docs', () => {
  type Screen = { name: string; view: string; width: number; height: number; theme: string }
  const all = screens as Screen[]

  it('have names of their own', () => {
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length)
    for (const { name } of all) expect(name).toMatch(/^[a-z-]+$/)
  })

  it('are of every view that the page has, and of no other, in both themes', () => {
    const source = readFileSync(join(packageRoot, 'src-renderer', 'session.svelte.ts'), 'utf8')
    const names = /viewNames = \[([^\]]+)\]/.exec(source)![1]!.match(/\w+/g)!
    expect([...new Set(all.map(({ view }) => view))].sort()).toEqual(names.sort())
    expect([...new Set(all.map(({ theme }) => theme))].sort()).toEqual(['dark', 'light'])
  })
})
