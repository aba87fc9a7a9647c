import { describe, expect, it } from 'vitest'
import type { Backend } from '../../../src-main/engine/backend/backend.ts'
import { openBest, openByName, type Openers } from '../../../src-main/engine/backend/choose.ts'
import { openCpu } from '../../../src-main/engine/backend/cpu.ts'
import { UserError } from '../../../src-shared/errors.ts'
import type { BackendName } from '../../../src-shared/contract.ts'

/** Openers of which `working` work, all on the plain-JS backend under another name. */
function makeOpeners(working: BackendName[]): Openers {
  const open = (name: BackendName) => async (): Promise<Backend> => {
    if (!working.includes(name)) throw new Error(`no ${name} here\nand a second line`)
    return { ...(await openCpu()), name, reason: '' }
  }
  return { native: open('native'), webgpu: open('webgpu'), wasm: open('wasm'), cpu: open('cpu') }
}

describe('choosing a backend', () => {
  it('takes the best that works and says why not a better one', async () => {
    expect(await openBest(makeOpeners(['native', 'wasm', 'cpu']))).toMatchObject({ name: 'native', reason: '' })
    expect(await openBest(makeOpeners(['wasm', 'cpu']))).toMatchObject({
      name: 'wasm',
      reason: 'Not native: no native here. Not webgpu: no webgpu here.'
    })
  })

  it('says so when none works', async () => {
    await expect(openBest(makeOpeners([]))).rejects.toThrow(/^No backend works here\. .*Not cpu: no cpu here\.$/)
  })

  it('takes exactly the one that was asked for, or refuses in one sentence', async () => {
    const openers = makeOpeners(['native', 'cpu'])
    expect(await openByName('cpu', openers)).toMatchObject({ name: 'cpu' })
    const refused = openByName('wasm', openers)
    await expect(refused).rejects.toThrow(UserError)
    await expect(refused).rejects.toThrow('The backend "wasm" does not work here: no wasm here.')
  })

  it('does not take one that computes wrongly', async () => {
    const broken: Openers = { ...makeOpeners(['wasm']), native: async () => breakConvolution(await openCpu()) }
    expect(await openBest(broken)).toMatchObject({
      name: 'wasm',
      reason: 'Not native: a convolution gives a wrong result. Not webgpu: no webgpu here.'
    })
  })
})

function breakConvolution(backend: Backend): Backend {
  const conv2d = () => backend.tf.zeros([1, 4, 4, 1])
  return { ...backend, name: 'native', tf: { ...backend.tf, conv2d } as unknown as Backend['tf'] }
}
