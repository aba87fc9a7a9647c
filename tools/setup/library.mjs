import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cudaFiles, findMissingCudaFile, linkSolver, narrowRequirement } from './cuda.mjs'
import { Refusal } from './refusal.mjs'

const unpacker = join(dirname(fileURLToPath(import.meta.url)), 'unpack-wheel.py')
const again = 'then run `npm run setup`'

/** Where a variant's libraries lie in the cache: `tensorflow/`, and `nvidia/` beside it as pip lays them out. */
export const libraryFolder = (cache, variant) => join(cache, 'libraries', variant.id)

/** Whether a variant's libraries are complete in the cache. */
export function hasLibrary(cache, variant) {
  const folder = libraryFolder(cache, variant)
  return existsSync(join(folder, 'complete')) && (variant.device !== 'gpu' || !findMissingCudaFile(folder))
}

/** The command of a Python that has pip; throws a Refusal if there is none. */
export function findPython({ run }) {
  const found = ['python3', 'python'].filter(
    (name) => run(name, ['-c', 'import sys; sys.exit(sys.version_info < (3, 7))']).ok
  )
  if (found.length === 0) {
    throw new Refusal(
      `The native backend is fetched with Python's pip, and no Python 3 is found; install it, ${again}.`
    )
  }
  const python = found.find((name) => run(name, ['-m', 'pip', '--version']).ok)
  if (python) return python
  throw new Refusal(
    `The native backend is fetched with pip, and ${found[0]} has none; install it (python3-pip), ${again}.`
  )
}

/** Throws a Refusal if the cache's disk has less room than the variant needs while it is unpacked. */
export function checkDisk(cache, { diskGigabytes }, statfs = statfsSync) {
  const { bavail, bsize } = statfs(cache)
  const free = (bavail * bsize) / 1e9
  if (free >= diskGigabytes) return
  throw new Refusal(
    `The native backend needs ${diskGigabytes} GB of disk in ${cache}, where ${free.toFixed(1)} GB are free; make room or set AUTODIDACT_CACHE, ${again}.`
  )
}

function fetchWheel(context, python, requirement, variant, folder) {
  context.say(`downloading ${requirement}`)
  const target = mkdtempSync(join(folder, 'wheel-'))
  const platforms = variant.platforms.flatMap((tag) => ['--platform', tag])
  const fixed = ['--no-deps', '--only-binary', ':all:', '--python-version', '3.12', ...platforms, '--no-cache-dir']
  const patience = ['--retries', '1', '--timeout', '20', '--disable-pip-version-check']
  // pip keeps what it is downloading in TMPDIR, which may be a small memory disk.
  const env = { ...context.env, TMPDIR: target }
  const args = ['-m', 'pip', 'download', ...fixed, ...patience, '--dest', target, requirement]
  const result = context.run(python, args, { show: true, env })
  const wheel = readdirSync(target).find((name) => name.endsWith('.whl'))
  if (result.ok && wheel) return join(target, wheel)
  throw new Refusal(`The download of ${requirement} with pip failed; check the network and the free disk, ${again}.`)
}

/** Fetches one requirement and unpacks what is needed of it into `folder`; returns the extra requirements for CUDA. */
function addWheel(context, python, requirement, variant, folder) {
  const wheel = fetchWheel(context, python, requirement, variant, folder)
  const unpacked = context.run(python, [unpacker, wheel, folder])
  rmSync(dirname(wheel), { recursive: true, force: true })
  if (unpacked.ok) return unpacked.stdout.split('\n').filter(Boolean)
  const detail = unpacked.stderr.trim().split('\n').at(-1)
  throw new Refusal(
    `The download of ${requirement} could not be unpacked (${detail}); make room on the disk, ${again}.`
  )
}

function addCuda(context, python, requirements, variant, folder) {
  for (const requirement of requirements) addWheel(context, python, narrowRequirement(requirement), variant, folder)
  linkSolver(folder)
  const missing = findMissingCudaFile(folder)
  if (!missing) return
  throw new Refusal(
    `The CUDA libraries from PyPI lack ${missing}, which TensorFlow needs; set AUTODIDACT_NATIVE=cpu to compute on the CPU, ${again}.`
  )
}

/** Brings a variant's libraries into the cache: whole or not at all. Throws a Refusal. */
export function fetchLibrary(context, cache, variant, python) {
  const folder = libraryFolder(cache, variant)
  mkdirSync(dirname(folder), { recursive: true })
  // Only one set-up is at work, so what a broken-off one left behind can go.
  for (const name of readdirSync(dirname(folder))) {
    if (name.startsWith('partial-')) rmSync(join(dirname(folder), name), { recursive: true, force: true })
  }
  checkDisk(cache, variant)
  const partial = mkdtempSync(join(dirname(folder), 'partial-'))
  try {
    const cuda = addWheel(context, python, variant.requirement, variant, partial)
    if (variant.device === 'gpu') addCuda(context, python, cuda, variant, partial)
    // The engine looks here for what must be there.
    writeFileSync(join(partial, 'complete'), variant.device === 'gpu' ? `${cudaFiles.join('\n')}\n` : '')
    rmSync(folder, { recursive: true, force: true })
    renameSync(partial, folder)
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
}
