import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { EngineContract } from '../../src-shared/contract.ts'
import { createFakeEngine } from './fake-engine.ts'
import { run } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'cli-'))
afterAll(() => rmSync(folder, { recursive: true }))
const [epochs, ours] = ['epochs', 'ours'].map((name) => {
  mkdirSync(join(folder, name))
  return join(folder, name)
}) as [string, string]
writeFileSync(join(ours, 'manifest.json'), '{}')

const frames = [1, 20].map((epoch) => ({
  ...{ path: join(epochs, `${epoch}.pth`), label: `epoch ${epoch}`, epoch, hash: '00' },
  changedAt: '2026-01-02T03:04:05.000Z'
}))
const inspect: EngineContract['inspect'] = async (request) => ({
  ...(await createFakeEngine().inspect(request)),
  ...(request.path === epochs ? { frames } : {})
})
const subjectsOf = async (...argv: string[]) => {
  const { engine } = await run(['probe', 'discriminativeness', ...argv], { engine: { inspect } })
  return (engine.calls.find(({ name }) => /probe/i.test(name))?.request as { checkpoints: unknown }).checkpoints
}

describe('probes of a folder of checkpoints', () => {
  it('measure each of them, named with its epoch and in a group of its own', async () => {
    expect(await subjectsOf('a.pth', epochs, ours)).toEqual([
      { path: 'a.pth' },
      { path: frames[0]!.path, name: 'epochs · epoch 1', group: 'epochs · epoch 1' },
      { path: frames[1]!.path, name: 'epochs · epoch 20', group: 'epochs · epoch 20' },
      { path: ours }
    ])
  })

  it('call them as they are asked to', async () => {
    expect(await subjectsOf(epochs, '--name', 'mine', '--role', 'baseline')).toEqual([
      { path: frames[0]!.path, name: 'mine · epoch 1', group: 'mine · epoch 1', role: 'baseline' },
      { path: frames[1]!.path, name: 'mine · epoch 20', group: 'mine · epoch 20', role: 'baseline' }
    ])
  })
})

describe('inspect of a folder of checkpoints', () => {
  it('lists them', async () => {
    const { stdout } = await run(['inspect', epochs], { engine: { inspect } })
    expect(stdout).toMatch(/^frame +file +changed$/m)
    expect(stdout).toContain(`epoch 20  ${frames[1]!.path}  2026-01-02 03:04`)
    expect(JSON.parse((await run(['inspect', epochs, '--json'], { engine: { inspect } })).stdout)).toMatchObject({
      frames
    })
  })
})
