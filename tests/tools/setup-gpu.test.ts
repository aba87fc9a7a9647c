import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createContext } from '../../tools/setup/context.mjs'
import { cudaFiles, findMissingCudaFile, narrowRequirement } from '../../tools/setup/cuda.mjs'
import { ensureNative, isNativeReady, stateFile } from '../../tools/setup/native.mjs'
import { hasNvidiaDriver, isOlder, judgeNvidia, readNvidiaFacts } from '../../tools/setup/nvidia.mjs'
import { chooseVariant } from '../../tools/setup/variant.mjs'
import { linkedSolver, makeTempFolder, makeWorld, writeProgram, writeTree } from './setup-world.ts'

const closed = 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19 18:56:32 UTC 2023\n'
const open = 'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.54.14  Release Build  (me)\n'
const lists = (...rows: string[]) => `printf '%s\\n' ${rows.map((row) => `'${row}'`).join(' ')}`
const fails = (line: string) => `echo '${line}'; exit 9`

/** A machine with a driver's version file, device files and an nvidia-smi on the path. */
function makeMachine({ version, devices = [], smi }: { version?: string; devices?: string[]; smi?: string }) {
  const folder = makeTempFolder()
  if (version) writeTree(folder, { 'driver/version': version })
  writeTree(folder, Object.fromEntries(['null', ...devices].map((name) => [`dev/${name}`, ''])))
  if (smi) writeProgram(join(folder, 'bin'), 'nvidia-smi', smi)
  const context = createContext(folder, { PATH: join(folder, 'bin') })
  return { ...context, driverFolder: join(folder, 'driver'), deviceFolder: join(folder, 'dev') }
}

describe('the NVIDIA driver', () => {
  it('is seen by its folder or by nvidia-smi on the path', () => {
    expect(hasNvidiaDriver(makeMachine({}))).toBe(false)
    expect(hasNvidiaDriver(makeMachine({ smi: fails('NVIDIA-SMI has failed') }))).toBe(false)
    expect(hasNvidiaDriver(makeMachine({ smi: lists('0, NVIDIA Something, 550.54, 8.9') }))).toBe(true)
    expect(hasNvidiaDriver(makeMachine({ version: 'NVRM version' }))).toBe(true)
  })

  it('has the version that its file tells, or nvidia-smi', () => {
    const smi = lists('0, NVIDIA Something, 560.1, 8.9')
    expect(readNvidiaFacts(makeMachine({ version: closed, smi })).driver).toBe('535.129.03')
    expect(readNvidiaFacts(makeMachine({ version: open })).driver).toBe('550.54.14')
    expect(readNvidiaFacts(makeMachine({ smi })).driver).toBe('560.1')
    expect(readNvidiaFacts(makeMachine({ version: 'NVRM' })).driver).toBe('of unknown version')
  })

  it('is asked without the compute capability where it does not know of it', () => {
    const smi = `case "$1" in *compute_cap*) ${fails('Field "compute_cap" is not a valid field to query.')};; esac
${lists('0, Tesla K80, 470.82.01')}`
    expect(readNvidiaFacts(makeMachine({ smi }))).toMatchObject({ driver: '470.82.01', gpus: [{ name: 'Tesla K80' }] })
  })

  it('is compared number by number', () => {
    expect(isOlder('525.60.13', '525.60.13')).toBe(false)
    expect(isOlder('525.60.9', '525.60.13')).toBe(true)
    expect(isOlder('525.60', '525.60.13')).toBe(true)
    expect(isOlder('1000.1', '525.60.13')).toBe(false)
    expect(isOlder('of unknown version', '525.60.13')).toBe(false)
  })
})

describe('whether the build for GPUs serves', () => {
  const works = '0, NVIDIA Something, 550.54.14, 8.9'
  const cases: { what: string; machine: Parameters<typeof makeMachine>[0]; note: string }[] = [
    { what: 'no NVIDIA GPU', machine: {}, note: '' },
    {
      what: 'an nvidia-smi without a driver',
      machine: { smi: fails('NVIDIA-SMI has failed because it could not reach the driver.') },
      note: 'There is an nvidia-smi, but no NVIDIA driver is at work (nvidia-smi: NVIDIA-SMI has failed because it could not reach the driver), so the CPU is used; install the driver 525.60.13 or newer, then run `npm run setup`.'
    },
    {
      what: 'a driver that is too old',
      machine: {
        version: closed.replace('535.129.03', '470.82.01'),
        devices: ['nvidia0'],
        smi: lists('0, Tesla K80, 470.82.01, 3.7')
      },
      note: 'The NVIDIA driver is 470.82.01, and CUDA 12 needs 525.60.13 or newer, so the CPU is used; update the driver, then run `npm run setup`.'
    },
    {
      what: 'a container without a GPU',
      machine: { version: open, devices: ['nvidiactl'] },
      note: 'The NVIDIA driver 550.54.14 is there, but no GPU is, so the CPU is used; give this container or job a GPU (docker: --gpus all), then run `npm run setup`.'
    },
    {
      what: 'a driver whose nvidia-smi finds none',
      machine: { version: open, smi: fails('No devices were found') },
      note: 'The NVIDIA driver 550.54.14 is there, but no GPU is (nvidia-smi: No devices were found), so the CPU is used; give this container or job a GPU (docker: --gpus all), then run `npm run setup`.'
    },
    {
      what: 'a GPU that is too old',
      machine: { version: open, devices: ['nvidia0'], smi: lists('0, NVIDIA GeForce GTX 960, 550.54.14, 5.2') },
      note: 'The NVIDIA GeForce GTX 960 has compute capability 5.2, and TensorFlow 2.21 needs 6.0 or newer, so the CPU is used; `--backend webgpu` may use this GPU.'
    }
  ]
  it.each(cases)('not with $what', ({ machine, note }) => {
    const context = makeMachine(machine)
    expect(judgeNvidia(context)).toEqual({ canUse: false, note })
    const variant = chooseVariant({ ...makeWorld().context, ...context, platform: 'linux', arch: 'x64' })
    expect(variant).toMatchObject({ requirement: 'tensorflow-cpu==2.21.0', note })
  })

  it.each([
    { what: 'a GPU', machine: { version: open, devices: ['nvidia0'], smi: lists(works) } },
    {
      what: 'one GPU of two',
      machine: { version: open, smi: lists('0, Old, 550.54.14, 5.2', `1, New, 550.54.14, 8.0`) }
    },
    { what: 'no nvidia-smi but a device file', machine: { version: open, devices: ['nvidia3'] } },
    { what: 'no folder of the driver, as in WSL', machine: { smi: lists(works), devices: ['dxg'] } }
  ])('with $what', ({ machine }) => {
    expect(judgeNvidia(makeMachine(machine))).toEqual({ canUse: true, note: '' })
  })

  it('as AUTODIDACT_NATIVE says, with a sentence where a GPU is left unused', () => {
    const choose = (machine: object, AUTODIDACT_NATIVE: string) => {
      const context = makeMachine(machine)
      const env = { ...context.env, AUTODIDACT_NATIVE }
      return chooseVariant({ ...makeWorld().context, ...context, platform: 'linux', arch: 'x64', env })
    }
    expect(choose({}, 'gpu')).toMatchObject({ device: 'gpu', note: '' })
    expect(choose({}, 'cpu')).toMatchObject({ device: 'cpu', note: '' })
    expect(choose({ version: open }, 'cpu').note).toBe(
      'AUTODIDACT_NATIVE=cpu asks for the CPU, so the NVIDIA GPU is not used; unset it to use the GPU.'
    )
  })
})

describe('set-up for a GPU', () => {
  const smi = (program: string) =>
    program === 'nvidia-smi' ? { ok: true, stdout: '0, NVIDIA Something, 550.54.14, 8.9\n' } : undefined
  const library = (cache: string) => join(cache, 'libraries', '2.21.0-gpu-linux-x64')
  const remembered = (root: string): unknown => JSON.parse(readFileSync(stateFile(root), 'utf8'))
  const downloads = (commands: string[]) =>
    commands.filter((command) => command.includes('pip download')).map((command) => command.split(' ').at(-1))

  it('fetches the wheels that the metadata names, cuDNN as TensorFlow can use it, and lists what must be there', async () => {
    const { root, cache, context, commands } = makeWorld(smi)
    expect(await ensureNative(context)).toBe('')
    expect(downloads(commands)).toEqual([
      'tensorflow==2.21.0',
      'nvidia-cublas-cu12<13.0,>=12.5',
      'nvidia-cudnn-cu12<10.0,>=9.3,<9.11'
    ])
    expect(readdirSync(join(cache, 'libraries'))).toEqual(['2.21.0-gpu-linux-x64'])
    expect(remembered(root)).toMatchObject({ variant: '2.21.0-gpu-linux-x64', library: library(cache), note: '' })
    expect(readFileSync(join(library(cache), 'complete'), 'utf8').split('\n')).toEqual([...cudaFiles, ''])
    expect(isNativeReady(context)).toBe(true)
  })

  it('puts cuSOLVER where TensorFlow looks for it', async () => {
    const { cache, context } = makeWorld(smi)
    await ensureNative(context)
    expect(readlinkSync(join(library(cache), linkedSolver))).toBe('../../cusolver/lib/libcusolver.so.11')
    expect(existsSync(join(library(cache), linkedSolver))).toBe(true)
  })

  it.each(cudaFiles as string[])('fetches anew when %s is gone', async (name) => {
    const { cache, context, commands } = makeWorld(smi)
    await ensureNative(context)
    rmSync(join(library(cache), name))
    expect(findMissingCudaFile(library(cache))).toBe(name)
    expect(isNativeReady(context)).toBe(false)
    expect(await ensureNative(context)).toBe('')
    expect(downloads(commands)).toHaveLength(6)
    expect(isNativeReady(context)).toBe(true)
  })

  it('refuses wheels in which a library is missing', async () => {
    const { root, context } = makeWorld((program, args) => {
      if (!args[0]?.endsWith('unpack-wheel.py')) return smi(program)
      writeTree(args[2] ?? '', { [cudaFiles[0]]: '' })
      return { ok: true, stdout: 'nvidia-cublas-cu12\n' }
    })
    const reason = await ensureNative(context)
    expect(reason).toBe(
      'The CUDA libraries from PyPI lack nvidia/cublas/lib/libcublas.so.12, which TensorFlow needs; set AUTODIDACT_NATIVE=cpu to compute on the CPU, then run `npm run setup`.'
    )
    expect(remembered(root)).toEqual({ reason })
  })

  it('checks the addon on the CPU, so that a full or broken GPU does not cost it', async () => {
    const { context } = makeWorld(smi)
    const seen: (string | undefined)[] = []
    const run = (program: string, args: string[], options?: { env?: NodeJS.ProcessEnv }) => {
      if (args[0] === '-e') seen.push(options?.env?.CUDA_VISIBLE_DEVICES)
      return context.run(program, args)
    }
    await ensureNative({ ...context, run })
    expect(seen.filter((value) => value !== undefined)).toEqual([''])
  })

  it('remembers and says why a GPU is not used, and takes it when that has changed', async () => {
    let version = '470.82.01'
    const { root, context, said, commands } = makeWorld((program) =>
      program === 'nvidia-smi' ? { ok: true, stdout: `0, NVIDIA Something, ${version}, 8.9\n` } : undefined
    )
    expect(await ensureNative(context)).toBe('')
    const note =
      'The NVIDIA driver is 470.82.01, and CUDA 12 needs 525.60.13 or newer, so the CPU is used; update the driver, then run `npm run setup`.'
    expect(said).toContain(note)
    expect(remembered(root)).toMatchObject({ variant: '2.21.0-cpu-linux-x64', note, reason: '' })
    expect(isNativeReady(context)).toBe(true)
    version = '470.99.01'
    expect(isNativeReady(context)).toBe(false)
    await ensureNative(context)
    expect(remembered(root)).toMatchObject({ note: note.replace('470.82.01', '470.99.01') })
    expect(downloads(commands)).toEqual(['tensorflow-cpu==2.21.0'])
    version = '550.54.14'
    await ensureNative(context)
    expect(remembered(root)).toMatchObject({ variant: '2.21.0-gpu-linux-x64', note: '' })
  })

  it('narrows nothing but cuDNN', () => {
    expect(narrowRequirement('nvidia-cufft-cu12<12.0')).toBe('nvidia-cufft-cu12<12.0')
  })
})
