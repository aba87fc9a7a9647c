import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal } from './refusal.mjs'

/** Version of TensorFlow whose C library is used; the addon's calls are partly experimental, so it is pinned. */
export const tensorflowVersion = '2.21.0'

/** Whether an NVIDIA driver is at work here: its folder in /proc, or an `nvidia-smi` that lists a GPU. */
export function hasNvidiaDriver({ driverFolder, run }) {
  if (existsSync(join(driverFolder, 'version'))) return true
  const listed = run('nvidia-smi', ['-L'])
  return listed.ok && /GPU \d/.test(listed.stdout)
}

// As on a system with glibc 2.27: pip itself does not know that newer ones run what was built for older ones.
const glibcMinors = Array.from({ length: 11 }, (_, index) => 27 - index)
const linux = (machine) => [
  ...glibcMinors.map((minor) => `manylinux_2_${minor}_${machine}`),
  `manylinux2014_${machine}`
]

function checkGlibc({ glibcVersion }) {
  const version = glibcVersion()
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number)
  if (major > 2 || (major === 2 && minor >= 27)) return
  const found = version ? `has glibc ${version}` : 'has another C library'
  throw new Refusal(`The native backend needs Linux with glibc 2.27 or newer, and this system ${found}.`)
}

/**
 * Which build of TensorFlow serves this machine: its wheel, pip's platform tags and the disk it needs. Throws a Refusal
 * where there is none. AUTODIDACT_NATIVE=cpu|gpu|off overrides what is found.
 */
export function chooseVariant(context) {
  const { platform, arch, env } = context
  const wish = env.AUTODIDACT_NATIVE ?? ''
  if (!['', 'cpu', 'gpu', 'off'].includes(wish)) {
    throw new Refusal(`AUTODIDACT_NATIVE is "${wish}", but must be cpu, gpu or off.`)
  }
  if (wish === 'off')
    throw new Refusal('The native backend is switched off by AUTODIDACT_NATIVE=off; unset it to get it.')
  const describe = (device, wheel, platforms, diskGigabytes) => ({
    id: `${tensorflowVersion}-${device}-${platform}-${arch}`,
    device,
    requirement: `${wheel}==${tensorflowVersion}`,
    platforms,
    diskGigabytes
  })
  if (platform === 'linux' && (arch === 'x64' || arch === 'arm64')) {
    checkGlibc(context)
    if (arch === 'arm64') return describe('cpu', 'tensorflow', linux('aarch64'), 3)
    const onGpu = wish ? wish === 'gpu' : hasNvidiaDriver(context)
    return onGpu
      ? describe('gpu', 'tensorflow', linux('x86_64'), 9)
      : describe('cpu', 'tensorflow-cpu', linux('x86_64'), 2)
  }
  if (platform === 'darwin' && arch === 'arm64') return describe('cpu', 'tensorflow', ['macosx_12_0_arm64'], 3)
  throw new Refusal(
    `TensorFlow offers no library for ${platform} on ${arch}; the native backend needs Linux (x64, arm64) or a Mac with Apple silicon.`
  )
}
