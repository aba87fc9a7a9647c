import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { claimHome } from '../../src-main/cli/server/lab-file.ts'

const contenders = 8
const rounds = 60
const folder = mkdtempSync(join(tmpdir(), 'autodidact-claim-'))
const servers: Server[] = []
const token = 'x'.repeat(43)
const urlOf = (port: number) => `http://127.0.0.1:${port}/?token=${token}`

beforeAll(async () => {
  for (let index = 0; index < contenders; index++) {
    const server = createServer((_request, response) => void response.writeHead(204).end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    servers.push(server)
  }
})
afterAll(() => {
  for (const server of servers) server.close()
  rmSync(folder, { recursive: true, force: true })
})

it('a home that a dead lab has left is taken over by one of those that start at once, every time', async () => {
  for (let round = 0; round < rounds; round++) {
    const home = join(folder, `${round}`)
    mkdirSync(home)
    writeFileSync(join(home, 'serve.json'), JSON.stringify({ pid: process.pid, url: urlOf(9), host: hostname() }))
    const claims = await Promise.all(
      servers.map((server) => claimHome(home, urlOf((server.address() as AddressInfo).port)))
    )
    const [winner] = servers.filter((_, index) => claims[index] === null)
    expect(claims.filter((claim) => claim === null)).toHaveLength(1)
    const expected = urlOf((winner!.address() as AddressInfo).port)
    for (const claim of claims) if (claim) expect(claim.url).toBe(expected)
    expect(readdirSync(home)).toEqual(['serve.json'])
  }
})

it('what a start that was killed in the middle of it has left is no obstacle for long', async () => {
  const home = join(folder, 'abandoned')
  mkdirSync(join(home, 'serve.json.takeover'), { recursive: true })
  writeFileSync(join(home, 'serve.json'), 'garbage')
  expect(await claimHome(home, urlOf((servers[0]!.address() as AddressInfo).port), 200)).toBeNull()
  expect(readdirSync(home)).toEqual(['serve.json'])
})
