import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { packageRoot } from '../../../src-main/package-root.ts'
import { ensureBuilt } from '../../helpers/built.ts'
import { smallConfig } from '../training/small-run.ts'
import { startLab } from './built-lab.ts'
import { newHome } from './jobs-world.ts'

beforeAll(() => ensureBuilt('node'), 120_000)

test('the built engine process answers what needs neither a job nor a backend', async () => {
  const home = join(newHome(), 'made', 'when', 'missing')
  const { lab, child, said } = await startLab({ home })
  const { version, ...where } = await lab.lab({})
  expect(where).toEqual({ home, runs: join(home, 'runs'), pid: child.pid })
  expect(version).toMatch(/^\d+\.\d+\.\d+/)
  expect(existsSync(home)).toBe(true)

  expect((await lab.listDatasets({})).map(({ name }) => name)).toContain('fashion-mnist')
  const items = await lab.library({})
  const item = items.find(({ source }) => source === 'sample')!
  expect((await lab.inspect({ path: item.path })).family).toBe('ResNet')
  expect((await lab.openCheckpoint({ path: item.path })).id).toBe(item.id)
  expect((await lab.editItem({ id: item.id, edit: { note: 'ours' } })).note).toBe('ours')
  await expect(lab.deleteItem({ id: item.id })).rejects.toThrow(/\.$/)
  await expect(lab.restoreItem({ id: 'nothing' })).rejects.toThrow(/\.$/)
  const found = await lab.findResult({ kind: 'flatness', checkpoints: [{ path: item.path }], settings: null })
  expect(found.report?.kind).toBe('flatness')
  const { pixels, labels } = await lab.readImages({ dataset: 'fashion-mnist', split: 'test', indices: [0, 7] })
  expect([pixels.length, labels.length]).toEqual([2 * 28 * 28, 2])
  const preview = await lab.previewNetwork({ config: smallConfig() })
  expect(preview.steps).toBe(4)
  const out = join(home, 'exported.safetensors')
  expect(await lab.exportCheckpoint({ path: item.path, out })).toMatchObject({ out })
  expect(await lab.jobs({})).toEqual([])
  for (const call of ['pauseJob', 'resumeJob', 'cancelJob', 'followJob'] as const)
    await expect(lab[call]({ id: 'x' }), call).rejects.toThrow('There is no job "x" any more.')
  const controller = new AbortController()
  const watched = new Promise<unknown>((resolve) => {
    lab.watchJobs({}, { onProgress: resolve, signal: controller.signal }).catch(() => undefined)
  })
  expect(await watched).toEqual([])
  controller.abort()
  expect(said()).toBe('')
})

test('a configuration that is none is said, and is no lab', async () => {
  const { status, stderr } = spawnSync(process.execPath, [join(packageRoot, 'out', 'engine-process.js'), '{"home": 3}'])
  expect(status).toBe(2)
  expect(String(stderr)).toBe(
    'The engine process takes its configuration as one argument: {"home", "roots", "backend"?}.\n'
  )
})
