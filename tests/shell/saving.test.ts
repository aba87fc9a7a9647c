import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { addRecent, labelRecent, openPreferences } from '../../src-main/shell/preferences.ts'
import { cleanName, completePath } from '../../src-main/shell/save-file.ts'

vi.mock('electron', () => ({ app: {}, dialog: {} }))

const folder = mkdtempSync(join(tmpdir(), 'autodidact-saving-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('names of files', () => {
  it.each([
    ['figure.svg', 'figure.svg'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Windows\\x.png', 'x.png'],
    ['a:b*c?.csv', 'a-b-c-.csv'],
    ['tab\tnull\0.pdf', 'tab-null-.pdf'],
    ['ends with dots...', 'ends with dots'],
    ['Ähnlichkeit 1.png', 'Ähnlichkeit 1.png'],
    ['/', 'figure'],
    ['..', 'figure']
  ])('%j is offered as %j', (name, offered) => expect(cleanName(name)).toBe(offered))

  it('are one name in one folder, whatever is asked for', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), (name) => {
        const offered = cleanName(name)
        expect(offered).not.toMatch(/[/\\\0]/)
        expect(['', '.', '..']).not.toContain(offered)
      })
    )
  })
})

describe('an extension that was left out', () => {
  it('is added', () => expect(completePath(join(folder, 'new'), '.svg')).toBe(join(folder, 'new.svg')))
  it('is not added to another one', () => expect(completePath('/x/a.txt', '.svg')).toBe('/x/a.txt'))
  it('never names a file that is there', () => {
    const there = join(folder, 'there.svg')
    writeFileSync(there, '')
    expect(() => completePath(join(folder, 'there'), '.svg')).toThrow(
      `${there} exists already; save again under its full name to replace it, or choose another.`
    )
  })
})

describe('what was opened lately', () => {
  const files = Array.from({ length: 12 }, (_, i) => join(folder, `file-${i}`))
  for (const file of files) writeFileSync(file, '')

  it('is newest first, each once, ten at most', () => {
    expect(addRecent(['/old', files[0]!], [files[1]!, files[0]!])).toEqual([files[1], files[0], '/old'])
    expect(addRecent([], files)).toEqual(files.slice(0, 10))
  })
  it('leaves out what is not there', () => expect(addRecent([], [join(folder, 'missing')])).toEqual([]))
  it('is called by its name, and by its path where two have the same', () => {
    const all = ['/a/x', '/b/x', '/c/y']
    expect(all.map((path) => labelRecent(path, all))).toEqual(['/a/x', '/b/x', 'y'])
  })
  it('is kept', async () => {
    const path = join(folder, 'preferences.json')
    const preferences = openPreferences(path)
    preferences.change({ recent: ['/a'], lastFolder: '/b' })
    await preferences.settled()
    expect(openPreferences(path).value).toEqual({ recent: ['/a'], lastFolder: '/b' })
  })
})
