import { connect as connectSocket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { gunzipSync } from 'node:zlib'
import { contentSecurityPolicy } from '../../src-main/content-security-policy.ts'
import { makeToken } from '../../src-main/cli/server/access.ts'
import { ask, openSocket, page, script, startLab } from './served/lab.ts'

describe('the token', () => {
  it('is 32 random bytes', () => {
    const tokens = Array.from({ length: 100 }, makeToken)
    expect(new Set(tokens).size).toBe(100)
    for (const token of tokens) expect(Buffer.from(token, 'base64url')).toHaveLength(32)
    expect(tokens.join('')).toMatch(/^[\w-]+$/)
  })

  it('lets a browser in: a cookie, and the address without it', async () => {
    const lab = await startLab()
    expect(lab.server.url).toBe(`http://127.0.0.1:${lab.port}/?token=${lab.token}`)
    const { status, headers } = await ask(lab, `/?token=${lab.token}`)
    expect(status).toBe(303)
    expect(headers.location).toBe('/')
    const [cookie] = headers['set-cookie']!
    expect(cookie).toBe(`autodidact-${lab.port}=${lab.token}; HttpOnly; SameSite=Strict; Path=/`)
    const visited = await ask(lab, '/', { headers: { cookie: `a=b; ${cookie!.split(';')[0]}; c=d` } })
    expect(visited).toMatchObject({ status: 200, text: page })
  })

  it('is stored under the port that the browser sees, which a tunnel may have changed', async () => {
    const lab = await startLab()
    const headers = { host: 'localhost:9999' }
    const answer = await ask(lab, `/?token=${lab.token}`, { headers })
    expect(answer.headers['set-cookie']).toEqual([`autodidact-9999=${lab.token}; HttpOnly; SameSite=Strict; Path=/`])
    const cookie = `autodidact-9999=${lab.token}`
    expect(await ask(lab, '/', { headers: { ...headers, cookie } })).toMatchObject({ status: 200 })
    await openSocket(lab, '/shell', { ...headers, cookie, origin: 'http://localhost:9999' })
  })

  const strangers: [string, (lab: { token: string; port: number }) => { path?: string; cookie?: string }][] = [
    ['without a cookie', () => ({})],
    ['with a wrong token', ({ token }) => ({ path: `/?token=${token.slice(0, -1)}` })],
    ['with an empty token', () => ({ path: '/?token=' })],
    ['with a wrong cookie', ({ port, token }) => ({ cookie: `autodidact-${port}=${token}x` })],
    ['with the cookie of another lab', ({ port, token }) => ({ cookie: `autodidact-${port + 1}=${token}` })],
    ['with the token at another address', ({ token }) => ({ path: `/index.html?token=${token}` })]
  ]
  it.each(strangers)('a stranger %s gets one sentence', async (_name, make) => {
    const lab = await startLab()
    const { path = '/', cookie } = make(lab)
    const { status, text, headers } = await ask(lab, path, { headers: { ...(cookie && { cookie }) } })
    expect(status).toBe(403)
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers['set-cookie']).toBeUndefined()
    expect(text).toContain('<p>This browser has not been let into the lab.</p>')
    expect(text).toContain('Open the address that "autodidact serve" printed: it ends with ?token= and a secret.')
    expect(text).not.toContain('refresh')
    expect(text).not.toContain(lab.token)
  })

  it('a visit that another page led to is asked for again, since the browser then withholds the cookie', async () => {
    const lab = await startLab()
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
    const { status, text } = await ask(lab, '/', { headers })
    expect(status).toBe(403)
    expect(text).toContain('<meta http-equiv="refresh" content="0">')
  })

  it.each(['/alive', '/upload?name=a', '/open'])('nothing answers a stranger: POST and GET %s', async (path) => {
    const lab = await startLab()
    const posted = await ask(lab, path, { method: 'POST', headers: { origin: lab.origin }, body: '{}' })
    expect(posted.status).toBe(403)
    expect(JSON.parse(posted.text)).toEqual({ error: expect.stringContaining('autodidact serve') })
    expect((await ask(lab, path)).status).toBe(403)
  })
})

describe('foreign requests are refused', () => {
  const hosts = [
    'evil.example',
    '127.0.0.1.evil.example:80',
    '10.0.0.1',
    'localhost.evil.example',
    '[::2]',
    '127.0.0.1:x',
    '127.0.0.1@evil.example'
  ]
  it.each(hosts)('Host %j, even with the cookie', async (host) => {
    const lab = await startLab()
    const { status, text } = await ask(lab, '/', { headers: { host, cookie: lab.cookie } })
    expect(status).toBe(403)
    expect(text).toContain('The lab answers on this machine only.')
    expect((await ask(lab, `/?token=${lab.token}`, { headers: { host } })).headers['set-cookie']).toBeUndefined()
    await expect(openSocket(lab, '/engine', { host })).rejects.toThrow('403')
  })

  it.each(['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]'])('Host %s is ours', async (name) => {
    const lab = await startLab()
    const headers = { host: `${name}:${lab.port}`, cookie: lab.cookie }
    expect((await ask(lab, '/', { headers })).status).toBe(200)
  })

  const origins = [null, 'null', 'http://evil.example', 'http://127.0.0.1:1', 'https://127.0.0.1', 'http://localhost']
  it.each(origins)('Origin %j, of a POST and of a WebSocket', async (origin) => {
    const lab = await startLab()
    for (const path of ['/upload?name=a', '/open', '/other']) {
      const headers = { cookie: lab.cookie, ...(origin !== null && { origin }) }
      const { status, text } = await ask(lab, path, { method: 'POST', headers, body: '{"paths":[]}' })
      expect(status).toBe(403)
      expect(JSON.parse(text)).toEqual({ error: 'The lab takes this from its own page only.' })
    }
    for (const path of ['/engine', '/shell']) await expect(openSocket(lab, path, { origin })).rejects.toThrow('403')
  })

  it('a WebSocket without the cookie, with a wrong one, or at another address', async () => {
    const lab = await startLab()
    await expect(openSocket(lab, '/engine', { cookie: null })).rejects.toThrow('403')
    await expect(openSocket(lab, '/shell', { cookie: `${lab.cookie}x` })).rejects.toThrow('403')
    await expect(openSocket(lab, '/', {})).rejects.toThrow('404')
  })

  it.each(['PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH'])('the method %s', async (method) => {
    const lab = await startLab()
    const { status, headers } = await ask(lab, '/', { method, headers: { cookie: lab.cookie } })
    expect(status).toBe(405)
    expect(headers.allow).toBe('GET, HEAD, POST')
    expect(headers['access-control-allow-origin']).toBeUndefined()
  })

  it('bytes that are no HTTP', async () => {
    const lab = await startLab()
    const answer = await new Promise<string>((resolve) => {
      const socket = connectSocket(lab.port, '127.0.0.1', () => socket.write('\0\x01 nonsense\r\n\r\n'))
      let text = ''
      socket.on('data', (chunk: Buffer) => void (text += chunk.toString()))
      socket.on('close', () => resolve(text))
    })
    expect(answer).toMatch(/^HTTP\/1.1 400 /)
    expect((await ask(lab, '/', { headers: { cookie: lab.cookie } })).status).toBe(200)
  })
})

describe('files', () => {
  const traversals = [
    '/../outside.js',
    '/assets/../../outside.js',
    '/..%2foutside.js',
    '/%2e%2e/outside.js',
    '/..\\outside.js',
    '//outside.js',
    '/assets/index-a1b2c3d4.js%00.html',
    '/assets/secrets.key',
    '/assets/',
    '/etc/passwd',
    '/constructor',
    '/__proto__'
  ]
  it.each(traversals)('%s is not there', async (path) => {
    const lab = await startLab()
    const { status, text } = await ask(lab, path, { headers: { cookie: lab.cookie } })
    expect(status).toBe(404)
    expect(text).toContain('There is nothing at this address of the lab.')
  })

  it('an address that is none', async () => {
    const lab = await startLab()
    expect((await ask(lab, 'http://127.0.0.1/', { headers: { cookie: lab.cookie } })).status).toBe(400)
  })

  it('have their type, are compressed where that is wanted, and kept where their name says what they hold', async () => {
    const lab = await startLab()
    const path = '/assets/index-a1b2c3d4.js'
    const plain = await ask(lab, path, { headers: { cookie: lab.cookie } })
    expect(plain).toMatchObject({ status: 200, text: script })
    expect(plain.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'Accept-Encoding'
    })
    expect(plain.headers['content-encoding']).toBeUndefined()
    const packed = await ask(lab, path, { headers: { cookie: lab.cookie, 'accept-encoding': 'br, gzip' } })
    expect(packed.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(packed.body).toString()).toBe(script)
    expect(packed.body.length).toBeLessThan(script.length / 4)
    const index = await ask(lab, '/', { headers: { cookie: lab.cookie } })
    expect(index.headers['cache-control']).toBe('no-cache')
    const head = await ask(lab, path, { method: 'HEAD', headers: { cookie: lab.cookie } })
    expect(head).toMatchObject({ status: 200, text: '' })
    expect(head.headers['content-length']).toBe(String(script.length))
  })

  it('a page that is not built is said so', async () => {
    const folder = '/nowhere/web'
    await expect(startLab({ server: { webFolder: folder } })).rejects.toThrow(
      'The page of the lab is not built: /nowhere/web has no index.html; run npm run build.'
    )
  })
})

it('every answer carries the security headers', async () => {
  const lab = await startLab()
  for (const path of ['/', '/nothing', '/alive', '/assets/index-a1b2c3d4.js', `/?token=${lab.token}`]) {
    const { headers } = await ask(lab, path, { headers: { cookie: lab.cookie } })
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'x-frame-options': 'DENY'
    })
    if (path !== '/nothing') expect(headers['content-security-policy']).toBe(contentSecurityPolicy)
  }
  const { headers, text } = await ask(lab, '/nothing', { headers: { cookie: lab.cookie } })
  expect(headers['content-security-policy']).toMatch(
    /^default-src 'none'; style-src 'sha256-[\w+/=]+'; base-uri 'none'; /
  )
  expect(text).not.toContain('<script')
})

it('the policy allows no inline scripts, no foreign origins and no frames', () => {
  const policy = new Map(
    contentSecurityPolicy
      .split('; ')
      .map((part): [string, string] => [part.split(' ')[0]!, part.split(' ').slice(1).join(' ')])
  )
  expect(policy.get('default-src')).toBe("'none'")
  expect(policy.get('script-src')).toBe("'self'")
  expect(policy.get('style-src')).toBe("'self'")
  expect(policy.get('frame-ancestors')).toBe("'none'")
  expect(contentSecurityPolicy).not.toMatch(/\*|https?:|unsafe-eval/)
})

it.each(['127.0.0.2', '::1'])('listens on 127.0.0.1 only, not on %s', async (host) => {
  const lab = await startLab()
  const outcome = await new Promise<string>((resolve) => {
    const socket = connectSocket({ port: lab.port, host, timeout: 2000 })
    socket.on('connect', () => resolve('connected'))
    socket.on('timeout', () => resolve('silent'))
    socket.on('error', ({ message }) => resolve(message))
  })
  expect(outcome).not.toBe('connected')
})
