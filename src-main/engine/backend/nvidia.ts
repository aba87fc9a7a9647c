import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasLibrary } from './webgpu.ts'

// Set-up asks the same questions before anything is installed (tools/setup/nvidia.mjs).

/** Where the machine is asked about its NVIDIA GPUs; tests hand in another one. */
export type Machine = {
  /** The environment of this process; the settings for the GPU are written into it. */
  env: NodeJS.ProcessEnv
  /** Where the kernel's NVIDIA driver tells about itself. */
  driverFolder: string
  /** Where the GPUs' device files lie. */
  deviceFolder: string
  /** Whether the system's loader finds and opens a library. */
  canLoad(library: string): boolean
}

/** An NVIDIA GPU as nvidia-smi tells; a number that it does not tell is NaN. */
export type Gpu = { index: number; uuid: string; name: string; capability: number; freeMegabytes: number }

/** What the machine tells about its NVIDIA driver and GPUs. */
export type NvidiaFacts = {
  /** Version of the driver, empty if no driver is at work. */
  driver: string
  gpus: Gpu[]
  /** Whether there is a device file of a GPU, also where nvidia-smi lists none. */
  hasDeviceFile: boolean
  /** The first line in which nvidia-smi says why it fails; empty if it works or is not there. */
  complaint: string
}

/** This machine. */
export const thisMachine: Machine = {
  env: process.env,
  driverFolder: '/proc/driver/nvidia',
  deviceFolder: '/dev',
  canLoad: hasLibrary
}

const smiTimeoutMs = 15_000
const fields = ['index', 'uuid', 'name', 'driver_version', 'memory.free', 'compute_cap']

function query({ env }: Machine, names: string[]) {
  const args = [`--query-gpu=${names.join(',')}`, '--format=csv,noheader,nounits']
  const done = spawnSync('nvidia-smi', args, { env, encoding: 'utf8', timeout: smiTimeoutMs })
  const rows = done.status === 0 ? done.stdout.split('\n').filter((line) => /^\d+\s*,/.test(line)) : []
  const said = `${done.stdout ?? ''}\n${done.stderr ?? ''}`.split('\n').find((line) => line.trim())
  const isMissing = Boolean(done.error) && done.status === null && done.signal === null
  const complaint = rows.length > 0 || isMissing ? '' : (said?.trim() ?? 'it says nothing')
  return { rows: rows.map((line) => line.split(',').map((cell) => cell.trim())), complaint }
}

function readDriverVersion(driverFolder: string, toldVersion: string): string {
  const file = join(driverFolder, 'version')
  if (!existsSync(file)) return toldVersion
  const match = /Kernel Module.*?\s(\d+(?:\.\d+)+)/.exec(readFileSync(file, 'utf8'))
  return match?.[1] || toldVersion || 'of unknown version'
}

function hasDeviceFile(deviceFolder: string): boolean {
  try {
    // dxg stands for the GPU in the Windows Subsystem for Linux.
    return readdirSync(deviceFolder).some((name) => /^nvidia\d+$|^dxg$/.test(name))
  } catch {
    return false
  }
}

/** Asks the driver's folder, the device files and nvidia-smi. */
export function readNvidiaFacts(machine: Machine = thisMachine): NvidiaFacts {
  let { rows, complaint } = query(machine, fields)
  // Drivers before 510 do not know of `compute_cap`.
  if (rows.length === 0 && complaint) ({ rows, complaint } = query(machine, fields.slice(0, -1)))
  const gpus = rows.map(([index = '', uuid = '', name = '', , free = '', capability]) => ({
    index: Number(index),
    uuid,
    name,
    capability: Number.parseFloat(capability ?? ''),
    freeMegabytes: Number.parseFloat(free)
  }))
  return {
    driver: readDriverVersion(machine.driverFolder, rows[0]?.[3] ?? ''),
    gpus,
    hasDeviceFile: hasDeviceFile(machine.deviceFolder),
    complaint
  }
}

/** Whether version `a` is older than `b`, number by number. */
export function isOlder(a: string, b: string): boolean {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number))
  const at = right!.findIndex((part, index) => part !== (left![index] ?? 0))
  return at >= 0 && (left![at] ?? 0) < right![at]!
}

/** The NVIDIA GPU's name from the driver's folder; a general name if there are none or several. */
export function readGpuName({ driverFolder }: Pick<Machine, 'driverFolder'> = thisMachine): string {
  const fallback = 'NVIDIA GPU'
  const folder = join(driverFolder, 'gpus')
  try {
    const gpus = readdirSync(folder)
    const only = gpus.length === 1 ? join(folder, gpus[0]!, 'information') : ''
    if (!existsSync(only)) return fallback
    return /^Model:\s*(.+)$/m.exec(readFileSync(only, 'utf8'))?.[1]?.trim() ?? fallback
  } catch {
    return fallback
  }
}
