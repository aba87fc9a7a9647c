import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { receiveUpload, safeFileName, safeFolders } from '../../src-main/cli/server/upload.ts'
import { ask, makeFolder, startLab, until, type TestLab } from './served/lab.ts'

const upload = async (lab: TestLab, name: string, body: string | Buffer, headers: Record<string, string> = {}) => {
  const sent = { method: 'POST', body, headers: { cookie: lab.cookie, origin: lab.origin, ...headers } }
  const { status, text } = await ask(lab, `/upload?name=${encodeURIComponent(name)}`, sent)
  return { status, ...(JSON.parse(text) as { path?: string; error?: string }) }
}
const uploadsOf = (lab: TestLab): string[] => {
  const folder = join(lab.home, 'uploads')
  return existsSync(folder) ? readdirSync(folder) : []
}

describe('names that a browser gives', () => {
  it.each([
    ['net.safetensors', 'net.safetensors'],
    ['../x', 'x'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\nets\\a.safetensors', 'a.safetensors'],
    ['..', 'upload'],
    ['', 'upload'],
    ['.hidden', 'hidden'],
    ['...', 'upload'],
    ['a\0b.safetensors', 'ab.safetensors'],
    ['a\nb\u0085c.safetensors', 'abc.safetensors'],
    ['a<b>:"|?*c.safetensors', 'abc.safetensors'],
    ['con', '_con'],
    ['NUL.safetensors', '_NUL.safetensors'],
    ['com1.x.safetensors', '_com1.x.safetensors'],
    ['console.safetensors', 'console.safetensors'],
    ['a. . ', 'a'],
    [' . ', 'upload'],
    ['. ..a', 'a'],
    ['netz größe 1.safetensors', 'netz größe 1.safetensors'],
    ['gro\u0308\u00dfe', 'gr\u00f6\u00dfe'],
    ['\u202etxt.safetensors', 'txt.safetensors'],
    [`${'x'.repeat(500)}.safetensors`, `${'x'.repeat(108)}.safetensors`],
    [`${'ä'.repeat(500)}.safetensors`, `${'ä'.repeat(54)}.safetensors`]
  ])('%j becomes %j', (name, safe) => {
    expect(safeFileName(name)).toBe(safe)
  })

  it.each([
    ['', []],
    ['k3-9x/my run/checkpoints', ['k3-9x', 'my run', 'checkpoints']],
    ['../../etc', ['upload', 'upload', 'etc']],
    ['/a//b\\c/', ['a', 'c']],
    ['.ssh/\0', ['ssh', 'upload']]
  ])('the folders %j become %j', (way, folders) => expect(safeFolders(way)).toEqual(folders))

  it('folders of too many levels are refused', () => {
    expect(() => safeFolders('a/'.repeat(9))).toThrow('Folders of at most 8 levels can be sent, not of 9.')
  })

  it('whatever they are, become one that every disk takes', () => {
    const names = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('.', '/', '\\', ' ', 'a', '\0') })
    )
    fc.assert(
      fc.property(names, (name) => {
        const safe = safeFileName(name)
        expect(safe).not.toMatch(/[/\\\0<>:"|?*]|^\.|[. ]$/)
        expect(Buffer.byteLength(safe)).toBeGreaterThan(0)
        expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(140)
        expect(safeFileName(safe)).toBe(safe)
      }),
      { numRuns: 2000 }
    )
  })
})

describe('a file that is sent', () => {
  it('lies in uploads, whole, and its path is given', async () => {
    const lab = await startLab()
    const body = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 256))
    const { status, path } = await upload(lab, 'net.safetensors', body)
    expect(status).toBe(200)
    expect(path).toBe(join(lab.home, 'uploads', 'net.safetensors'))
    expect(readFileSync(path!)).toStrictEqual(body)
    expect(uploadsOf(lab)).toEqual(['net.safetensors'])
  })

  it('lies in the folders that the page names, below uploads', async () => {
    const lab = await startLab()
    for (const [into, folders] of [
      ['k3/my run/checkpoints', ['k3', 'my run', 'checkpoints']],
      ['../..', ['upload', 'upload']]
    ] as const) {
      const sent = { method: 'POST', body: 'abc', headers: { cookie: lab.cookie, origin: lab.origin } }
      const { status, text } = await ask(lab, `/upload?name=w1.bin&into=${encodeURIComponent(into)}`, sent)
      expect([status, JSON.parse(text)]).toEqual([200, { path: join(lab.home, 'uploads', ...folders, 'w1.bin') }])
    }
    const deep = { method: 'POST', body: '', headers: { cookie: lab.cookie, origin: lab.origin } }
    const { status, text } = await ask(lab, `/upload?name=a&into=${'a/'.repeat(9)}`, deep)
    expect([status, JSON.parse(text)]).toEqual([400, { error: 'Folders of at most 8 levels can be sent, not of 9.' }])
  })

  it('is deleted once it is refused, with what was sent along, and nothing else is', async () => {
    const lab = await startLab()
    const sent = { method: 'POST', body: 'abc', headers: { cookie: lab.cookie, origin: lab.origin } }
    for (const into of ['k3/set', 'k3/other', 'k4/run/deep']) await ask(lab, `/upload?name=w&into=${into}`, sent)
    const refuse = async (path: string, headers = sent.headers) =>
      (await ask(lab, `/upload/refused?path=${encodeURIComponent(path)}`, { method: 'POST', headers })).status
    const { path } = await upload(lab, 'bad.pth', 'bad')
    const [uploads, outside] = [join(lab.home, 'uploads'), join(lab.folder, 'outside')]
    mkdirSync(outside)
    writeFileSync(join(outside, 'mine'), 'mine')
    symlinkSync(outside, join(uploads, 'link'))
    for (const elsewhere of ['', '.', uploads, lab.home, join(outside, 'mine'), '../../outside', 'link/mine', 'gone'])
      expect(await refuse(elsewhere)).toBe(200)
    expect(await refuse(path!, { ...sent.headers, origin: 'https://elsewhere.example' })).toBe(403)
    expect(uploadsOf(lab).sort()).toEqual(['bad.pth', 'k3', 'k4', 'link'])
    expect(existsSync(join(outside, 'mine'))).toBe(true)
    for (const refused of [path!, join(uploads, 'k3', 'set', 'w'), join(uploads, 'k4', 'run')])
      expect(await refuse(refused)).toBe(200)
    expect(uploadsOf(lab).sort()).toEqual(['k3', 'link'])
    expect(readdirSync(join(uploads, 'k3'))).toEqual(['other'])
  })

  it('never leaves uploads, and may be empty', async () => {
    const lab = await startLab()
    const { path } = await upload(lab, '../../../x', '')
    expect(path).toBe(join(lab.home, 'uploads', 'x'))
    expect(readFileSync(path!, 'utf8')).toBe('')
  })

  it('takes nobody its place: a number is added, but not for the same bytes', async () => {
    const lab = await startLab()
    const paths: (string | undefined)[] = []
    for (const body of ['one', 'two', 'one', 'two', 'six']) paths.push((await upload(lab, 'a.safetensors', body)).path)
    const names = ['a', 'a-2', 'a', 'a-2', 'a-3'].map((name) => join(lab.home, 'uploads', `${name}.safetensors`))
    expect(paths).toEqual(names)
    expect(names.slice(0, 2).map((name) => readFileSync(name, 'utf8'))).toEqual(['one', 'two'])
  })

  it('of one name, many at once, all find a place', async () => {
    const lab = await startLab()
    const bodies = Array.from({ length: 8 }, (_, i) => `file ${i}`)
    const answers = await Promise.all(bodies.map((body) => upload(lab, 'a', body)))
    expect(answers.map(({ path }) => readFileSync(path!, 'utf8'))).toEqual(bodies)
    expect(new Set(answers.map(({ path }) => path)).size).toBe(8)
    expect(uploadsOf(lab)).toHaveLength(8)
  })

  it('is not written through a link that lies in its place', async () => {
    const lab = await startLab()
    const outside = join(lab.folder, 'outside.txt')
    writeFileSync(outside, 'outside')
    await upload(lab, 'first', 'first')
    symlinkSync(outside, join(lab.home, 'uploads', 'a'))
    symlinkSync(join(lab.folder, 'nothing'), join(lab.home, 'uploads', 'b'))
    expect((await upload(lab, 'a', 'sent')).path).toBe(join(lab.home, 'uploads', 'a-2'))
    expect((await upload(lab, 'b', 'sent')).path).toBe(join(lab.home, 'uploads', 'b-2'))
    expect(readFileSync(outside, 'utf8')).toBe('outside')
    expect(existsSync(join(lab.folder, 'nothing'))).toBe(false)
  })

  const limit = { server: { limits: { mostUploadBytes: 1_500_000 } } }
  const tooLarge = { status: 400, error: 'big.safetensors is larger than 1.4 MiB, the most that can be sent.' }

  it('that says that it is too large is refused, and nothing is kept', async () => {
    const lab = await startLab(limit)
    expect(await upload(lab, 'big.safetensors', Buffer.alloc(1_500_001))).toEqual(tooLarge)
    expect(uploadsOf(lab)).toEqual([])
    expect((await upload(lab, 'fits', Buffer.alloc(1_500_000))).status).toBe(200)
  })

  it('that does not say so is refused when it is', async () => {
    const lab = await startLab(limit)
    const headers = { 'transfer-encoding': 'chunked' }
    expect(await upload(lab, 'big.safetensors', Buffer.alloc(1_600_000), headers)).toEqual(tooLarge)
    expect(uploadsOf(lab)).toEqual([])
  })

  it('that is cut off in the middle leaves nothing', async () => {
    const lab = await startLab()
    const headers = { cookie: lab.cookie, origin: lab.origin, 'content-length': '1000000' }
    const sending = request({
      host: '127.0.0.1',
      port: lab.port,
      path: '/upload?name=half',
      method: 'POST',
      headers,
      agent: false
    })
    sending.on('error', () => undefined)
    sending.write(Buffer.alloc(100_000))
    await until(() => uploadsOf(lab).length > 0)
    expect(uploadsOf(lab)).toEqual([expect.stringMatching(/^\.[\w-]+\.tmp$/)])
    sending.destroy()
    await until(() => uploadsOf(lab).length === 0)
    expect((await upload(lab, 'half', 'whole')).status).toBe(200)
  })

  it('that is cut off says so to whoever still listens', async () => {
    const folder = makeFolder()
    const body = new PassThrough()
    const receiving = receiveUpload({ folder, name: 'half', body, announcedBytes: 10 })
    body.write('12345')
    await until(() => readdirSync(folder).length > 0)
    body.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }))
    await expect(receiving).rejects.toThrow('half was cut off on its way; nothing was kept, send it again.')
    expect(readdirSync(folder)).toEqual([])
  })

  it('that finds no room is refused before it is sent', async () => {
    const folder = makeFolder()
    const body = Readable.from([Buffer.from('never read')])
    const sent = receiveUpload({ folder, name: 'a', body, announcedBytes: 2 ** 50, mostBytes: 2 ** 60 })
    await expect(sent).rejects.toThrow(/^a needs 1048576 GiB, but the lab's disk has [\d.]+ [GM]iB to spare\.$/)
    expect(readdirSync(folder)).toEqual([])
  })

  it('that meets a full disk on its way leaves nothing', async () => {
    const folder = makeFolder()
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
    const body = new Readable({ read: () => undefined })
    body.push('some')
    const receiving = receiveUpload({ folder, name: 'a', body, announcedBytes: null })
    await until(() => readdirSync(folder).length > 0)
    body.destroy(full)
    await expect(receiving).rejects.toThrow(
      `The disk that holds ${join(folder, 'a')} is full; free some space and try again.`
    )
    expect(readdirSync(folder)).toEqual([])
  })

  it('into a folder that is a file is refused with a sentence', async () => {
    const lab = await startLab()
    writeFileSync(join(lab.home, 'uploads'), 'in the way')
    const { status, error } = await upload(lab, 'a', 'sent')
    expect(status).toBe(400)
    expect(error).toMatch(/uploads\/a .*\.$/)
  })
})
