import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync
} from 'node:fs'
import { dirname, join } from 'node:path'
import { packageFolder } from './context.mjs'
import { libraryFolder } from './library.mjs'
import { Refusal } from './refusal.mjs'

/** tfjs-node's addon with our extension. */
const mainAddon = 'tfjs_binding.node'

/** Where tfjs-node looks for its addon. */
export const installFolder = (context) => join(packageFolder(context, '@tensorflow/tfjs-node-gpu'), 'lib', 'napi-v8')

const sourcesIn = (folder) =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => /\.(cc|h)$/.test(name))
        .sort()
        .map((name) => join(folder, name))
    : []

const extensionFolder = ({ root }) => join(root, 'src-main', 'engine', 'backend', 'native')
/** Our entry (native/module.cc) calls tfjs-node's and adds to it. */
const renamedEntry = '-Dnapi_register_module_v1=register_tfjs_module'
const commonFlags = ['-O2', '-fPIC', '-shared', '-std=c++17', '-DNAPI_VERSION=8']

/**
 * The compiler's arguments, but for the output, of each addon: tfjs-node's with our extension, and the small one that
 * mutes stderr while TensorFlow is loaded.
 */
export function compileArguments(context, cache, variant) {
  const tfjs = packageFolder(context, '@tensorflow/tfjs-node-gpu')
  const napi = `-I${join(packageFolder(context, 'node-api-headers'), 'include')}`
  const library = join(libraryFolder(cache, variant), 'tensorflow')
  const isMac = context.platform === 'darwin'
  const libraries = isMac
    ? ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'].map((name) => join(library, name))
    : [`-L${library}`, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2']
  const system = isMac ? ['-undefined', 'dynamic_lookup'] : []
  const extension = extensionFolder(context)
  const isUnit = (file) => file.endsWith('.cc')
  const muteUnits = sourcesIn(join(extension, 'mute')).filter(isUnit)
  const units = [...sourcesIn(join(tfjs, 'binding')), ...sourcesIn(extension)].filter(isUnit)
  const includes = [napi, `-I${tfjs}`, `-I${join(tfjs, 'binding')}`, `-I${join(library, 'include')}`]
  const rpath = ['-Xlinker', '-rpath', '-Xlinker', library]
  return {
    [mainAddon]: [...commonFlags, renamedEntry, ...includes, ...units, ...libraries, ...rpath, ...system],
    ...(muteUnits.length > 0 && { 'mute_stderr.node': [...commonFlags, napi, ...muteUnits, ...system] })
  }
}

/** Names the addon: changes with its sources, the compiler's arguments, the library and the Node-API headers. */
export function addonKey(context, cache, variant) {
  const extension = extensionFolder(context)
  const binding = join(packageFolder(context, '@tensorflow/tfjs-node-gpu'), 'binding')
  const hash = createHash('sha256').update(variant.id)
  hash.update(readFileSync(join(packageFolder(context, 'node-api-headers'), 'package.json')))
  for (const file of [binding, extension, join(extension, 'mute')].flatMap(sourcesIn)) {
    hash.update(file.slice(context.root.length)).update(readFileSync(file))
  }
  const parts = Object.values(compileArguments(context, cache, variant)).flat()
  // The same in every clone; where the cache lies does matter, because the addon looks for its libraries there.
  const inClone = [join(context.root, 'node_modules'), join(context.root, 'src-main')]
  hash.update(inClone.reduce((text, folder) => text.replaceAll(folder, ''), parts.join('\n')))
  return hash.digest('hex').slice(0, 16)
}

/** Where a built addon is kept for every clone. */
export const addonFolder = (cache, key) => join(cache, 'addons', key)

/** Whether a built addon lies in `folder`. */
export const hasAddon = (folder) => existsSync(join(folder, mainAddon))

/** The command of a C++ compiler: $CXX, or the first that answers; throws a Refusal if there is none. */
export function findCompiler({ env, run }) {
  const found = [env.CXX, 'c++', 'g++', 'clang++'].find((name) => name && run(name, ['--version']).ok)
  if (found) return found
  throw new Refusal(
    'The native backend is compiled here, and no C++ compiler is found; install g++ or clang (on a Mac: xcode-select --install), then run `npm run setup`.'
  )
}

/** Compiles the addon into the cache: whole or not at all. Throws a Refusal with the compiler's first error. */
export function compileAddon(context, cache, variant, key, compiler) {
  context.say('compiling the native backend (about 20 s)')
  const folder = addonFolder(cache, key)
  mkdirSync(dirname(folder), { recursive: true })
  const partial = mkdtempSync(join(dirname(folder), 'partial-'))
  try {
    for (const [name, args] of Object.entries(compileArguments(context, cache, variant))) {
      const result = context.run(compiler, [...args, '-o', join(partial, name)])
      if (result.ok) continue
      const lines = result.stderr.split('\n').filter(Boolean)
      const detail = lines.find((line) => /error|undefined/i.test(line)) ?? lines[0] ?? 'no message'
      throw new Refusal(
        `The C++ compiler ${compiler} could not compile the native backend (${detail}); install a newer g++ or clang, then run \`npm run setup\`.`
      )
    }
    rmSync(folder, { recursive: true, force: true })
    renameSync(partial, folder)
  } finally {
    rmSync(partial, { recursive: true, force: true })
  }
}

/** Copies the built addon to where tfjs-node looks for it; each file is replaced in one step. */
export function installAddon(context, cache, key) {
  const source = addonFolder(cache, key)
  const target = installFolder(context)
  mkdirSync(target, { recursive: true })
  for (const name of readdirSync(source)) {
    copyFileSync(join(source, name), join(target, `${name}.new`))
    renameSync(join(target, `${name}.new`), join(target, name))
  }
}

/** Takes the addon away, so that nothing loads one that does not work. */
export const removeAddon = (context) => rmSync(installFolder(context), { recursive: true, force: true })
