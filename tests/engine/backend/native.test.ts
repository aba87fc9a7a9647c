import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openBackend } from '../../../src-main/engine/backend/choose.ts'
import { isGpuBuild, readNativeState } from '../../../src-main/engine/backend/native-state.ts'
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
    const readReason = () => readNativeState(folder).reason
    expect(readReason()).toContain('npm run setup')
    writeIn(folder, state, JSON.stringify({ reason: 'No compiler.' }))
    expect(readReason()).toBe('No compiler.')
    writeIn(folder, state, JSON.stringify({ reason: '', key: 'k' }))
    expect(readReason()).toBe('')
    writeIn(folder, state, '{')
    expect(readReason()).toContain('unreadable')
  })

  it('reads which build set-up made and what it noted', () => {
    const folder = makeFolder()
    expect(isGpuBuild(readNativeState(folder))).toBe(false)
    const state = { variant: '2.21.0-gpu-linux-x64', library: '/cache/libraries/x', note: 'A note.', reason: '' }
    writeIn(folder, 'node_modules/.autodidact/native.json', JSON.stringify({ ...state, key: 'k' }))
    expect(readNativeState(folder)).toEqual(state)
    expect(isGpuBuild(readNativeState(folder))).toBe(true)
    writeIn(folder, 'node_modules/.autodidact/native.json', JSON.stringify({ variant: 7, reason: '' }))
    expect(readNativeState(folder)).toEqual({ variant: '', library: '', note: '', reason: '' })
  })
})
