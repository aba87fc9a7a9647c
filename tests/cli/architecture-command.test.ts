import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { run } from './run.ts'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'cli-'))))
afterAll(() => rm(folder, { recursive: true }))

it('names a network, and shows what was found of it', async () => {
  const { status, stdout, engine } = await run(['architecture', 'net.pth', '--network', 'resnet18'])
  expect(status).toBe(0)
  expect(stdout).toBe(
    [
      'layer  in the file',
      'conv1  conv1',
      'fc     head         missing',
      '',
      'Not in this network:',
      '  other.weight',
      '',
      'net.pth has no tensor "head.bias" that ResNet18 needs.',
      ''
    ].join('\n')
  )
  const network = { name: 'resnet18', width: 64 }
  expect(engine.calls).toEqual([
    { name: 'nameArchitecture', request: { path: 'net.pth', network, keys: null, save: false } }
  ])
})

it('takes a network and a map of keys from files', async () => {
  const [network, keys] = [join(folder, 'mine.json'), join(folder, 'keys.json')]
  const spec = { name: 'Mine', stages: [[{ block: 'convolution', channels: 5 }]] }
  await writeFile(network, JSON.stringify(spec))
  await writeFile(keys, '{"fc": "head"}')
  const { engine } = await run([
    'architecture',
    'a',
    '--network',
    network,
    '--keys',
    keys,
    '--width',
    '10',
    '--save',
    '--json'
  ])
  expect(engine.calls[0]?.request).toEqual({
    path: 'a',
    network: { name: 'custom', width: 10, spec },
    keys: { fc: 'head' },
    save: true
  })
  await writeFile(keys, '{"fc": 1}')
  const refused = await run(['architecture', 'a', '--network', network, '--keys', keys])
  expect(refused).toMatchObject({
    status: 2,
    stderr: `${keys} is not a file of keys: a JSON object of names, for instance {"fc": "head"}.\n`
  })
})

it('refuses what is no network or no file', async () => {
  const unknown = await run(['architecture', 'a', '--network', 'resnet19'])
  expect(unknown.status).toBe(2)
  expect(unknown.stderr).toMatch(/^There is no network named "resnet19"; known are resnet18,/)
  const missing = await run(['architecture', 'a', '--network', 'resnet18', '--keys', join(folder, 'gone.json')])
  expect(missing.status).not.toBe(0)
  expect(missing.stderr).toContain('gone.json')
})
