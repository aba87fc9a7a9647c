import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

// The engine asks the same questions when it opens TensorFlow (src-main/engine/backend/nvidia.ts): set-up runs before
// anything is installed or compiled, and neither may import the other.

/** Oldest NVIDIA driver for Linux that runs CUDA 12. */
export const oldestDriver = '525.60.13'

/** Oldest compute capability that TensorFlow 2.21 has kernels for. */
export const oldestCapability = 6

const andThen = 'then run `npm run setup`'
const smiTimeoutMs = 15_000
const fields = ['index', 'name', 'driver_version', 'compute_cap']

function query(run, names) {
  const args = [`--query-gpu=${names.join(',')}`, '--format=csv,noheader,nounits']
  const done = run('nvidia-smi', args, { timeout: smiTimeoutMs })
  const rows = done.ok ? done.stdout.split('\n').filter((line) => /^\d+\s*,/.test(line)) : []
  const said = `${done.stdout}\n${done.stderr}`.split('\n').find((line) => line.trim())
  const complaint = rows.length > 0 || done.missing ? '' : (said?.trim() ?? 'it says nothing')
  return { rows: rows.map((line) => line.split(',').map((cell) => cell.trim())), complaint }
}

function readDriverVersion(driverFolder, toldVersion) {
  const file = join(driverFolder, 'version')
  if (!existsSync(file)) return toldVersion
  const match = /Kernel Module.*?\s(\d+(?:\.\d+)+)/.exec(readFileSync(file, 'utf8'))
  return match?.[1] || toldVersion || 'of unknown version'
}

const hasDeviceFile = (folder) =>
  existsSync(folder) && readdirSync(folder).some((name) => /^nvidia\d+$|^dxg$/.test(name))

/**
 * What the machine tells about its NVIDIA driver: its version (empty if none is at work), its GPUs (name and compute
 * capability, NaN if unknown), whether there is a GPU's device file, and the line in which nvidia-smi says why it fails.
 */
export function readNvidiaFacts({ driverFolder, deviceFolder, run }) {
  let { rows, complaint } = query(run, fields)
  // Drivers before 510 do not know of `compute_cap`.
  if (rows.length === 0 && complaint) ({ rows, complaint } = query(run, fields.slice(0, -1)))
  return {
    driver: readDriverVersion(driverFolder, rows[0]?.[2] ?? ''),
    gpus: rows.map(([, name, , capability]) => ({ name, capability: Number.parseFloat(capability ?? '') })),
    hasDevice: rows.length > 0 || hasDeviceFile(deviceFolder),
    complaint
  }
}

/** Whether version `a` is older than `b`, number by number. */
export function isOlder(a, b) {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number))
  const at = right.findIndex((part, index) => part !== (left[index] ?? 0))
  return at >= 0 && (left[at] ?? 0) < right[at]
}

/** Whether an NVIDIA driver is at work here: its folder in /proc, or an `nvidia-smi` that lists a GPU. */
export const hasNvidiaDriver = (context) => readNvidiaFacts(context).driver !== ''

/**
 * Whether TensorFlow can compute on an NVIDIA GPU here, and if there is a driver but it can't, one sentence on why and
 * what to do: `{ canUse, note }`.
 */
export function judgeNvidia(context) {
  const { driver, gpus, hasDevice, complaint } = readNvidiaFacts(context)
  const said = complaint ? ` (nvidia-smi: ${complaint.replace(/[.\s]+$/, '')})` : ''
  const refuse = (note) => ({ canUse: false, note })
  if (!driver) {
    if (!complaint) return refuse('')
    return refuse(
      `There is an nvidia-smi, but no NVIDIA driver is at work${said}, so the CPU is used; install the driver ${oldestDriver} or newer, ${andThen}.`
    )
  }
  if (isOlder(driver, oldestDriver)) {
    return refuse(
      `The NVIDIA driver is ${driver}, and CUDA 12 needs ${oldestDriver} or newer, so the CPU is used; update the driver, ${andThen}.`
    )
  }
  if (!hasDevice) {
    return refuse(
      `The NVIDIA driver ${driver} is there, but no GPU is${said}, so the CPU is used; give this container or job a GPU (docker: --gpus all), ${andThen}.`
    )
  }
  if (gpus.length > 0 && gpus.every(({ capability }) => capability < oldestCapability)) {
    const { name, capability } = gpus[0]
    return refuse(
      `The ${name} has compute capability ${capability.toFixed(1)}, and TensorFlow 2.21 needs ${oldestCapability.toFixed(1)} or newer, so the CPU is used; \`--backend webgpu\` may use this GPU.`
    )
  }
  return { canUse: true, note: '' }
}
