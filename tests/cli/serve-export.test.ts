import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exportsFolder } from '../../src-main/lab-exports.ts'
import { ask, startLab, until, type TestLab } from './served/lab.ts'

const name = '0f0e0d0c-0b0a-4908-8706-050403020100.pth'

/** A lab with a file that was exported for a browser. */
async function labWithExport(): Promise<TestLab & { file: string }> {
  const lab = await startLab()
  const folder = exportsFolder(lab.home)
  mkdirSync(folder)
  const file = join(folder, name)
  writeFileSync(file, 'weights')
  writeFileSync(`${file}.autodidact.json`, '{}')
  return { ...lab, file }
}
const get = (lab: TestLab, path: string) => ask(lab, path, { headers: { cookie: lab.cookie } })

describe('what was exported for a browser', () => {
  it('is sent as a download, whole, and is gone then', async () => {
    const lab = await labWithExport()
    const { status, text, headers } = await get(lab, `/exports/${name}`)
    expect([status, text]).toEqual([200, 'weights'])
    expect(headers['content-disposition']).toBe('attachment')
    expect(headers['content-type']).toBe('application/octet-stream')
    expect(headers['x-content-type-options']).toBe('nosniff')
    await until(() => !existsSync(lab.file) && !existsSync(`${lab.file}.autodidact.json`))
    expect((await get(lab, `/exports/${name}`)).status).toBe(404)
  })

  it('is not for strangers', async () => {
    const lab = await labWithExport()
    expect((await ask(lab, `/exports/${name}`)).status).toBe(403)
    expect(existsSync(lab.file)).toBe(true)
  })

  it('has a name of its own kind: nothing else is sent', async () => {
    const lab = await labWithExport()
    writeFileSync(join(exportsFolder(lab.home), 'mine.pth'), 'mine')
    const link = '00000000-0000-4000-8000-000000000000.pth'
    symlinkSync(join(lab.folder, 'outside.js'), join(exportsFolder(lab.home), link))
    for (const other of ['mine.pth', '..%2fjobs.json', '../jobs.json', '', link, `${name}.autodidact.json`])
      expect((await get(lab, `/exports/${other}`)).status, other).toBe(404)
  })
})
