import { builtinModules } from 'node:module'
import { posix, relative, sep } from 'node:path'

const tfjs = { name: 'tfjs', pattern: /^@tensorflow\// }
const electron = { name: 'electron', pattern: /^electron(\/|$)/ }
const d3 = { name: 'd3', pattern: /^d3(-[a-z-]+)?(\/|$)/ }
const svelte = { name: 'svelte', pattern: /^svelte(\/|$)/ }
const svelteServer = { name: 'svelte/server', pattern: /^svelte\/server$/ }
// A bare name of one of Node's own modules is as much `node:` as the prefixed one.
const node = { name: 'node:', pattern: { test: (name) => name.startsWith('node:') || builtinModules.includes(name) } }
const governed = [tfjs, electron, d3, svelte, node]

/**
 * Who may import whom. A file obeys the first row with a folder (or file) in `layer` that it lies in. `folders` are the
 * folders and files of ours that it may import, `packages` those of the governed packages; other packages are free
 * unless `otherPackages` is false. Files in no row (tests, tools, configuration) may import anything.
 */
export const layers = [
  { layer: ['src-shared/science/'], folders: ['src-shared/science/'], packages: [], otherPackages: false },
  { layer: ['src-shared/'], folders: ['src-shared/'], packages: [] },
  {
    layer: ['src-main/engine/'],
    folders: ['src-main/engine/', 'src-main/*', 'src-shared/'],
    packages: [tfjs, node]
  },
  {
    layer: ['src-main/export/'],
    folders: ['src-main/export/', 'src-main/*', 'src-shared/'],
    packages: [node]
  },
  {
    layer: ['src-main/cli/'],
    folders: [
      'src-main/cli/',
      'src-main/export/',
      'src-main/engine/engine.ts',
      'src-main/*',
      'src-shared/',
      'src-renderer/figures/index.ts'
    ],
    packages: [svelteServer, node]
  },
  {
    layer: ['src-main/main.ts', 'src-main/preload.ts', 'src-main/shell/'],
    folders: ['src-main/shell/', 'src-main/export/', 'src-main/*', 'src-shared/'],
    packages: [electron, node]
  },
  { layer: ['src-main/'], folders: ['src-main/*', 'src-shared/'], packages: [node] },
  {
    layer: ['src-renderer/figures/'],
    folders: ['src-renderer/figures/', 'src-shared/science/', 'src-shared/reports.ts'],
    packages: [d3, svelte]
  },
  { layer: ['src-renderer/'], folders: ['src-renderer/', 'src-shared/'], packages: [d3, svelte] }
]

/** The Electron entries lie directly in src-main, but are no common ground. */
const electronEntries = ['src-main/main.ts', 'src-main/preload.ts']

/** `a/b/` holds all below it, `a/*` the files directly in it, anything else is one file. */
function holds(place, file) {
  if (place.endsWith('/')) return file.startsWith(place)
  if (place.endsWith('/*')) return posix.dirname(file) === place.slice(0, -2) && !electronEntries.includes(file)
  return file === place
}

/** Why `file` may not import `specifier` (both as written in the repository, `/` between folders), or undefined. */
export function findViolation(file, specifier) {
  const row = layers.find(({ layer }) => layer.some((place) => holds(place, file)))
  if (!row) return undefined
  const isOurs = specifier.startsWith('.')
  const target = isOurs ? posix.join(posix.dirname(file), specifier) : specifier
  const kind = governed.find(({ pattern }) => pattern.test(specifier))
  const isAllowed = isOurs
    ? row.folders.some((place) => holds(place, target))
    : kind
      ? row.packages.some(({ pattern }) => pattern.test(specifier))
      : row.otherPackages !== false
  if (isAllowed) return undefined
  const allowed = [...row.folders, ...row.packages.map(({ name }) => name)].join(', ')
  return `Layer law: ${row.layer.join(', ')} must not import ${target}; it may import ${allowed}.`
}

/** The law as a lint rule: imports, re-exports, dynamic imports, import types and require calls. */
export const layerLawRule = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const file = relative(context.cwd, context.filename).split(sep).join('/')
    const check = (source) => {
      if (typeof source?.value !== 'string') return
      const message = findViolation(file, source.value)
      if (message) context.report({ node: source, message })
    }
    return {
      ImportDeclaration: (statement) => check(statement.source),
      ExportNamedDeclaration: (statement) => check(statement.source),
      ExportAllDeclaration: (statement) => check(statement.source),
      ImportExpression: (expression) => check(expression.source),
      TSImportType: (type) => check(type.source ?? type.argument?.literal),
      CallExpression: (call) => {
        if (call.callee.type === 'Identifier' && call.callee.name.startsWith('require')) check(call.arguments[0])
      }
    }
  }
}
