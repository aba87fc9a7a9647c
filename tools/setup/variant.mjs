import { hasNvidiaDriver, judgeNvidia } from './nvidia.mjs'
import { Refusal } from './refusal.mjs'

/** Version of TensorFlow whose C library is used; the addon's calls are partly experimental, so it is pinned. */
export const tensorflowVersion = '2.21.0'

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

/** Whether the build with CUDA is taken on Linux x64, and one sentence where a GPU that is here is left unused. */
function chooseDevice(context, wish) {
  if (wish === 'gpu') return { canUse: true, note: '' }
  if (wish === '') return judgeNvidia(context)
  const unset = 'AUTODIDACT_NATIVE=cpu asks for the CPU, so the NVIDIA GPU is not used; unset it to use the GPU.'
  return { canUse: false, note: hasNvidiaDriver(context) ? unset : '' }
}

/**
 * Which build of TensorFlow serves this machine: its wheel, pip's platform tags, the disk it needs, and in `note` why an
 * NVIDIA GPU that is here is not used (mostly empty). Throws a Refusal where there is no build. AUTODIDACT_NATIVE=cpu|
 * gpu|off overrides what is found.
 */
export function chooseVariant(context) {
  const { platform, arch, env } = context
  const wish = env.AUTODIDACT_NATIVE ?? ''
  if (!['', 'cpu', 'gpu', 'off'].includes(wish)) {
    throw new Refusal(`AUTODIDACT_NATIVE is "${wish}", but must be cpu, gpu or off.`)
  }
  if (wish === 'off')
    throw new Refusal('The native backend is switched off by AUTODIDACT_NATIVE=off; unset it to get it.')
  const describe = (device, wheel, platforms, diskGigabytes, note = '') => ({
    id: `${tensorflowVersion}-${device}-${platform}-${arch}`,
    device,
    requirement: `${wheel}==${tensorflowVersion}`,
    platforms,
    diskGigabytes,
    note
  })
  if (platform === 'linux' && (arch === 'x64' || arch === 'arm64')) {
    checkGlibc(context)
    if (arch === 'arm64') return describe('cpu', 'tensorflow', linux('aarch64'), 3)
    const { canUse, note } = chooseDevice(context, wish)
    return canUse
      ? describe('gpu', 'tensorflow', linux('x86_64'), 7)
      : describe('cpu', 'tensorflow-cpu', linux('x86_64'), 2, note)
  }
  if (platform === 'darwin' && arch === 'arm64') return describe('cpu', 'tensorflow', ['macosx_12_0_arm64'], 3)
  throw new Refusal(
    `TensorFlow offers no library for ${platform} on ${arch}; the native backend needs Linux (x64, arm64) or a Mac with Apple silicon.`
  )
}
