import { describe, expect, it } from 'vitest'
import { doctor, probeInChild, type Finding } from '../../../src-main/engine/backend/doctor.ts'
import { backendNames, engineCalls, type BackendName } from '../../../src-shared/contract.ts'

const works: Finding = { available: true, device: 'CPU', version: '1', reason: '' }
const fails: Finding = { available: false, device: '', version: '', reason: 'Not here.' }
const probing = (script: string, timeoutMs?: number) => probeInChild(process.execPath, ['-e', script], timeoutMs)

describe('doctor', () => {
  it('lists every backend, best first, and chooses the best that works', async () => {
    const result = await doctor(async (name) => (name === 'native' || name === 'webgpu' ? fails : works))
    expect(result.backends.map(({ name }) => name)).toEqual(backendNames)
    expect(result.chosen).toBe('wasm')
    expect(engineCalls.doctor.result.parse(result)).toEqual(result)
  })

  it('says so when nothing works', async () => {
    await expect(doctor(async () => fails)).rejects.toThrow('No backend works here. Not here.')
  })

  it('asks for each backend once', async () => {
    const asked: BackendName[] = []
    await doctor(async (name) => (asked.push(name), works))
    expect(asked).toEqual(backendNames)
  })
})

describe('a probe in a child process', () => {
  it('gives what it prints last, whatever a library prints before', async () => {
    expect(await probing(`console.log('chatter'); console.log('${JSON.stringify(works)}')`)).toEqual(works)
  })

  it('tells a crash, an error, silence and a program that is missing', async () => {
    expect((await probing("process.kill(process.pid, 'SIGABRT')")).reason).toBe('It crashes here (SIGABRT).')
    expect((await probing("throw new Error('out of luck')")).reason).toContain('Error: out of luck')
    expect((await probing('setInterval(() => undefined, 1000)', 300)).reason).toBe('It did not answer in time.')
    expect((await probeInChild('/no/such/program', [])).reason).toContain('does not start')
    expect(await probing("console.log('{}')")).toMatchObject({ available: false })
  })
})
