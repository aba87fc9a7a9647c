import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  addonFolder,
  addonKey,
  compileAddon,
  findCompiler,
  hasAddon,
  installAddon,
  installFolder,
  removeAddon
} from './addon.mjs'
import { cacheFolder, makeCacheFolder, withLock } from './cache.mjs'
import { packageFolder } from './context.mjs'
import { fetchLibrary, findPython, hasLibrary, libraryFolder } from './library.mjs'
import { Refusal } from './refusal.mjs'
import { chooseVariant } from './variant.mjs'

/** What set-up remembers about this clone's native backend; `doctor` and the backend's opening read it. */
export const stateFile = (root) => join(root, 'node_modules', '.autodidact', 'native.json')

const readState = (root) => {
  try {
    return JSON.parse(readFileSync(stateFile(root), 'utf8'))
  } catch {
    return {}
  }
}

const writeState = (root, state) => {
  mkdirSync(dirname(stateFile(root)), { recursive: true })
  writeFileSync(stateFile(root), `${JSON.stringify(state, null, 2)}\n`)
}

/**
 * Loads the installed addon in a child process and compares a convolution; throws a Refusal if it does not work. On the
 * CPU: a GPU that fails, is full or compiles its kernels first must not cost the addon; the engine tries it when it opens.
 */
export function verifyAddon({ root, env, run }) {
  const code = readFileSync(new URL('verify-native.cjs', import.meta.url), 'utf8')
  const quiet = { ...env, TF_CPP_MIN_LOG_LEVEL: '3', CUDA_VISIBLE_DEVICES: '' }
  const result = run(process.execPath, ['-e', code], { cwd: root, env: quiet, timeout: 120_000 })
  if (result.ok) return
  const lines = result.stderr.split('\n').filter((line) => line.trim() && !/^(WARNING: All log|[IWE]\d{4} )/.test(line))
  const why = result.signal === 'SIGILL' ? 'this CPU lacks instructions it uses (AVX)' : result.signal
  const detail = why ?? lines.find((line) => /error/i.test(line)) ?? lines[0] ?? 'no message'
  throw new Refusal(`The native backend was built but does not work here: ${detail.trim()}.`)
}

async function buildNative(context, variant) {
  const cache = makeCacheFolder(context)
  const key = addonKey(context, cache, variant)
  const isBuilt = () => hasLibrary(cache, variant) && hasAddon(addonFolder(cache, key))
  const build = () => {
    if (isBuilt()) return
    // What is missing is found out before anything is downloaded.
    const compiler = hasAddon(addonFolder(cache, key)) ? undefined : findCompiler(context)
    const python = hasLibrary(cache, variant) ? undefined : findPython(context)
    if (python) fetchLibrary(context, cache, variant, python)
    if (compiler) compileAddon(context, cache, variant, key, compiler)
  }
  if (!isBuilt()) await withLock(cache, context.say, build)
  installAddon(context, cache, key)
  verifyAddon(context)
}

/** Whether the native backend is installed and is the one that the sources and this machine ask for. */
export function isNativeReady(context) {
  try {
    const variant = chooseVariant(context)
    const cache = cacheFolder(context)
    const { key, reason, note = '', library } = readState(context.root)
    if (note !== variant.note || library !== libraryFolder(cache, variant)) return false
    const isInstalled = reason === '' && hasAddon(installFolder(context)) && hasLibrary(cache, variant)
    return isInstalled && key === addonKey(context, cache, variant)
  } catch {
    return false
  }
}

/**
 * Gets the native backend where this machine can have it. Never throws: what is in the way is said in one sentence and
 * remembered, the lab works without, and the next set-up tries again.
 */
export async function ensureNative(context) {
  const { root, say } = context
  if (isNativeReady(context)) return ''
  if (!existsSync(packageFolder(context, '@tensorflow/tfjs-node-gpu'))) return ''
  try {
    const variant = chooseVariant(context)
    if (variant.note) say(variant.note)
    await buildNative(context, variant)
    const cache = cacheFolder(context)
    const library = libraryFolder(cache, variant)
    const key = addonKey(context, cache, variant)
    writeState(root, { key, variant: variant.id, library, note: variant.note, reason: '' })
    say(`the native backend is ready (TensorFlow ${variant.id})`)
    return ''
  } catch (error) {
    const reason =
      error instanceof Refusal ? error.message : `The native backend could not be set up: ${error.message}.`
    removeAddon(context)
    writeState(root, { reason })
    say(`without the native backend: ${reason}`)
    return reason
  }
}
