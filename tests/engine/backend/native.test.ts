import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openBackend } from '../../../src-main/engine/backend/choose.ts'
import { explainMissingGpu, readGpuName, readNativeReason } from '../../../src-main/engine/backend/native.ts'
import { packageRoot } from '../../../src-main/package-root.ts'
import { trainOneStep } from './train-one-step.ts'

const addon = join(packageRoot, 'node_modules/@tensorflow/tfjs-node-gpu/lib/napi-v8/tfjs_binding.node')

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'autodidact-native-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function writeIn(folder: string, name: string, text: string): void {
  mkdirSync(join(folder, name, '..'), { recursive: true })
  writeFileSync(join(folder, name), text)
}

describe('the native backend', () => {
  it('opens, learns a line and leaks nothing; where it is not built, it says why', async () => {
    if (!existsSync(addon)) {
      await expect(openBackend('native')).rejects.toThrow('The backend "native" does not work here: ')
      return
    }
    const backend = await openBackend('native')
    expect(backend).toMatchObject({ name: 'native', version: '2.21.0', isNative: true })
    expect(backend.device).not.toBe('')
    trainOneStep(backend)
  })

  it('repeats what set-up remembered', () => {
    const folder = makeFolder()
    const state = 'node_modules/.autodidact/native.json'
    expect(readNativeReason(folder)).toContain('npm run setup')
    writeIn(folder, state, JSON.stringify({ reason: 'No compiler.' }))
    expect(readNativeReason(folder)).toBe('No compiler.')
    writeIn(folder, state, JSON.stringify({ reason: '', key: 'k' }))
    expect(readNativeReason(folder)).toBe('')
    writeIn(folder, state, '{')
    expect(readNativeReason(folder)).toContain('unreadable')
  })

  it('says so where it was set up for a GPU and finds none', () => {
    const folder = makeFolder()
    expect(explainMissingGpu(false, folder)).toBe('')
    writeIn(
      folder,
      'node_modules/.autodidact/native.json',
      JSON.stringify({ variant: '2.21.0-gpu-linux-x64', reason: '' })
    )
    expect(explainMissingGpu(true, folder)).toBe('')
    expect(explainMissingGpu(false, folder)).toContain('driver 525')
  })

  it("reads the GPU's name from the driver", () => {
    const folder = makeFolder()
    expect(readGpuName(join(folder, 'none'))).toBe('NVIDIA GPU')
    writeIn(folder, '0000:01:00.0/information', 'Model: \t\t NVIDIA Something 90\nIRQ: 7\n')
    expect(readGpuName(folder)).toBe('NVIDIA Something 90')
    writeIn(folder, '0000:02:00.0/information', 'Model: NVIDIA Other\n')
    expect(readGpuName(folder)).toBe('NVIDIA GPU')
  })
})
