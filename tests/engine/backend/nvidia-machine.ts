import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { NativeState } from '../../../src-main/engine/backend/native-state.ts'
import type { Machine } from '../../../src-main/engine/backend/nvidia.ts'

/** A folder of its own, removed when the test has ended. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'autodidact-gpu-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Writes files with their folders. */
export function writeFiles(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

/** The first line of the driver's version file. */
export const versionFile = (version: string): string =>
  `NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  ${version}  Release Build  (dvs-builder@U16)\n`

/** A script of an nvidia-smi that answers every question with these rows. */
export const lists = (...rows: string[]): string => `printf '%s\\n' ${rows.map((row) => `'${row}'`).join(' ')}`

/** A script of an nvidia-smi that fails. */
export const fails = (line: string): string => `echo '${line}'; exit 9`

/** A GPU as the faked nvidia-smi lists it: index, uuid, name, driver, free memory, compute capability. */
export const oneGpu = '0, GPU-aa11, NVIDIA A100-SXM4-40GB, 550.54.14, 40000, 8.0'

export type Parts = {
  /** Of the driver's version file; undefined for no driver's folder. */
  driver?: string
  devices?: string[]
  /** Script of nvidia-smi; undefined for none. */
  smi?: string
  env?: NodeJS.ProcessEnv
  /** Libraries that the system's loader does not open. */
  unloadable?: string[]
}

/** A machine with a faked NVIDIA driver. */
export function makeMachine({ driver, devices = [], smi, env = {}, unloadable = [] }: Parts): Machine {
  const folder = makeFolder()
  if (driver) writeFiles(folder, { 'driver/version': versionFile(driver) })
  writeFiles(folder, Object.fromEntries(['null', ...devices].map((name) => [`dev/${name}`, ''])))
  if (smi) {
    writeFiles(folder, { 'bin/nvidia-smi': `#!/bin/sh\n${smi}\n` })
    chmodSync(join(folder, 'bin/nvidia-smi'), 0o755)
  }
  return {
    env: { PATH: join(folder, 'bin'), ...env },
    driverFolder: join(folder, 'driver'),
    deviceFolder: join(folder, 'dev'),
    canLoad: (library) => !unloadable.includes(library)
  }
}

/** What set-up remembers of a build for GPUs whose libraries lie in a folder of their own, whole unless `gone` is. */
export function makeGpuState(gone?: string): NativeState {
  const library = makeFolder()
  const names = ['nvidia/cublas/lib/libcublas.so.12', 'nvidia/cudnn/lib/libcudnn.so.9', 'nvidia/cuda_nvcc/bin/ptxas']
  writeFiles(library, { complete: `${names.join('\n')}\n` })
  writeFiles(library, Object.fromEntries(names.filter((name) => name !== gone).map((name) => [name, ''])))
  return { reason: '', variant: '2.21.0-gpu-linux-x64', library, note: '' }
}
