import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { contentSecurityPolicy } from '../../src-main/content-security-policy.ts'
import { isAppAddress } from '../../src-main/shell/app-address.ts'
import { findAppFile } from '../../src-main/shell/app-files.ts'
import { answerRequest } from '../../src-main/shell/app-protocol.ts'
import { isAllowedRequest } from '../../src-main/shell/lock-down.ts'

vi.mock('electron', () => ({ protocol: {}, app: {}, session: {} }))

const folder = mkdtempSync(join(tmpdir(), 'autodidact-page-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const page = join(folder, 'web')
mkdirSync(join(page, 'assets', 'folder.js'), { recursive: true })
for (const name of ['index.html', 'assets/app-1.js', 'assets/a b.svg', 'secret.pem'])
  writeFileSync(join(page, name), name)
writeFileSync(join(folder, 'outside.js'), 'outside')
writeFileSync(join(folder, 'web-twin.js'), 'twin')
symlinkSync(join(folder, 'outside.js'), join(page, 'link.js'))
symlinkSync(join(page, 'index.html'), join(page, 'inside.html'))

describe('files of the page', () => {
  it.each([
    ['app://lab/', 'index.html', 'text/html; charset=utf-8'],
    ['app://lab', 'index.html', 'text/html; charset=utf-8'],
    ['app://lab/index.html?x=1#/flat', 'index.html', 'text/html; charset=utf-8'],
    ['app://lab/assets/app-1.js', 'assets/app-1.js', 'text/javascript; charset=utf-8'],
    ['app://lab/assets/a%20b.svg', 'assets/a b.svg', 'image/svg+xml; charset=utf-8'],
    ['app://lab/inside.html', 'index.html', 'text/html; charset=utf-8']
  ])('%s is %s', async (address, name, type) => {
    expect(await findAppFile(page, address)).toEqual({ path: join(page, name), type })
  })

  it.each([
    ['what is not there', 'app://lab/missing.js'],
    ['a folder', 'app://lab/assets/folder.js'],
    ['kinds of files that no page is made of', 'app://lab/secret.pem'],
    ['a link that leads out', 'app://lab/link.js'],
    ['the folder above', 'app://lab/../outside.js'],
    ['the folder above, escaped', 'app://lab/%2e%2e/outside.js'],
    ['the folder above, escaped slash', 'app://lab/..%2foutside.js'],
    ['the folder above, backslash', 'app://lab/..%5coutside.js'],
    ['a folder beside whose name begins the same', 'app://lab/..%2fweb-twin.js'],
    ['a path from the root', `app://lab/${encodeURIComponent(join(folder, 'outside.js'))}`],
    ['a zero byte', 'app://lab/index.html%00.js'],
    ['escapes that are none', 'app://lab/%zz.js'],
    ['another host', 'app://other/index.html'],
    ['another scheme', 'file:///index.html'],
    ['a user in the address', 'app://user@lab/index.html'],
    ['no address', 'index.html']
  ])('refuses %s', async (_name, address) => {
    expect(await findAppFile(page, address)).toBeNull()
  })

  it('gives nothing from outside, whatever is asked', async () => {
    const part = fc.constantFrom('..', '.', '%2e%2e', '%2f', '%5c', 'assets', 'outside.js', 'web', 'link.js', '', '%00')
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 8 }), async (parts) => {
        const file = await findAppFile(page, `app://lab/${parts.join('/')}`)
        expect(file === null || file.path.startsWith(`${page}/`)).toBe(true)
      })
    )
  })
})

describe('answers', () => {
  const ask = (url: string, method = 'GET') => answerRequest(page, { url, method })

  it('carry the policy, with files and without', async () => {
    for (const url of ['app://lab/index.html', 'app://lab/missing.js']) {
      const { headers } = await ask(url)
      expect(headers.get('content-security-policy')).toBe(contentSecurityPolicy)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }
  })

  it('hold the file, or only say that it is there', async () => {
    expect(await (await ask('app://lab/assets/app-1.js')).text()).toBe('assets/app-1.js')
    const { status, body } = await ask('app://lab/assets/app-1.js', 'HEAD')
    expect({ status, body }).toEqual({ status: 200, body: null })
  })

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('refuse %s', async (method) => {
    expect((await ask('app://lab/index.html', method)).status).toBe(405)
  })
})

describe('the policy', () => {
  const directives = new Map(
    contentSecurityPolicy.split('; ').map((line): [string, string] => {
      const [name = '', ...values] = line.split(' ')
      return [name, values.join(' ')]
    })
  )
  it('refuses all that it does not name', () => expect(directives.get('default-src')).toBe("'none'"))
  it('lets only our own scripts run', () => expect(directives.get('script-src')).toBe("'self'"))
  it.each(['base-uri', 'form-action', 'frame-ancestors'])('refuses %s', (name) =>
    expect(directives.get(name)).toBe("'none'")
  )
  it('allows no evaluation and no foreign host', () =>
    expect(contentSecurityPolicy).not.toMatch(/unsafe-eval|https?:|\*/))
})

describe('addresses', () => {
  it.each([
    ['app://lab/index.html', true],
    ['app://lab', true],
    ['app://lab.example.org/', false],
    ['app://lab:80/', false],
    ['app://x@lab/', false],
    ['https://lab/', false],
    ['about:blank', false],
    ['', false]
  ])('%s is ours: %s', (address, isOurs) => expect(isAppAddress(address)).toBe(isOurs))

  it.each([
    ['app://lab/a.js', true, true],
    ['blob:app://lab/1b4e28ba', true, true],
    ['data:image/png;base64,AA==', true, true],
    ['devtools://devtools/bundled/x.js', true, false],
    ['https://example.org/', false, false],
    ['http://127.0.0.1:1234/', false, false],
    ['ws://127.0.0.1:1234/', false, false],
    ['file:///etc/passwd', false, false],
    ['blob:https://example.org/1', false, false],
    ['chrome-extension://x/y', false, false]
  ])('%s may be asked for: %s; in a package: %s', (address, fromSources, packed) => {
    expect([isAllowedRequest(address, false), isAllowedRequest(address, true)]).toEqual([fromSources, packed])
  })
})
