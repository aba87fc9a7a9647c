// Part of `npm run check`: whether electron-builder.yml is what electron-builder reads, and what our desktop relies on.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Switches of the packed program; each is a way in or out that the desktop does without. */
const fuses = {
  runAsNode: false,
  enableCookieEncryption: true,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true,
  loadBrowserProcessSpecificV8Snapshot: false,
  grantFileProtocolExtraPrivileges: false
}

/** What no JavaScript reads must lie outside the archive. */
const unpacked = [
  '**/*.node',
  'resources/**/*',
  'node_modules/@tensorflow/tfjs-node-gpu/lib/**/*',
  'node_modules/@resvg/**/*',
  'node_modules/webgpu/**/*'
]

/** The programs, data and manifest without which a package does not start. */
const packed = ['out/**/*', 'resources/**/*', 'package.json']

/** Endings of checkpoints that are mostly those of something else. */
const tooCommon = ['json', 'bin', 'tar']

/** The endings that a desktop offers the lab for: those of dialogs, but for the common ones and those of two parts. */
function associatedEndings(root) {
  const source = readFileSync(join(root, 'src-shared', 'checkpoint-endings.ts'), 'utf8')
  const endings = [...source.matchAll(/^ {2}'\.([\w.]+)'/gm)].map(([, ending]) => ending)
  return endings.filter((ending) => !ending.includes('.') && !tooCommon.includes(ending))
}

// electron-builder brings its own schema and what reads it.
function loadTools(root) {
  const require = createRequire(join(root, 'package.json'))
  const inBuilder = createRequire(require.resolve('app-builder-lib/package.json'))
  return {
    schema: inBuilder('./scheme.json'),
    Ajv: inBuilder('ajv').default,
    yaml: inBuilder('js-yaml')
  }
}

/** The configuration in `root`, as electron-builder reads it. */
export function readConfig(root) {
  return loadTools(root).yaml.load(readFileSync(join(root, 'electron-builder.yml'), 'utf8'))
}

/** Sentences on what is wrong with a configuration; none where all is right. */
export function findProblems(config, root) {
  const { schema, Ajv } = loadTools(root)
  const validate = new Ajv({ allErrors: true, strict: false, logger: false }).compile(schema)
  const problems = []
  if (!validate(config))
    for (const { instancePath, message, params } of validate.errors) {
      const extra = params.additionalProperty ? ` (${params.additionalProperty})` : ''
      problems.push(`${instancePath || 'the whole'} ${message}${extra}.`)
    }
  const demand = (isRight, sentence) => void (isRight || problems.push(sentence))
  const { electronFuses = {}, asarUnpack, files, fileAssociations } = config
  for (const [fuse, value] of Object.entries(fuses))
    demand(electronFuses?.[fuse] === value, `electronFuses.${fuse} must be ${value}.`)
  for (const pattern of unpacked)
    demand(listOf(asarUnpack).includes(pattern), `asarUnpack lacks ${JSON.stringify(pattern)}.`)
  for (const pattern of packed) demand(listOf(files).includes(pattern), `files lacks ${JSON.stringify(pattern)}.`)
  demand(config.asar !== false, 'asar must not be off: the fuses load the program from the archive alone.')
  demand(config.npmRebuild === false, 'npmRebuild must be false: install scripts stay off.')
  demand(config.publish === null, 'publish must be null: the program looks for no updates.')
  const associations = listOf(fileAssociations)
  const opens = (ending) => associations.filter(({ ext }) => listOf(ext).includes(ending))
  for (const ending of associatedEndings(root))
    demand(
      opens(ending).some(({ role, rank }) => role === 'Viewer' && rank === 'Alternate'),
      `fileAssociations lacks ${ending} with the role Viewer and the rank Alternate.`
    )
  for (const ending of tooCommon)
    demand(opens(ending).length === 0, `fileAssociations must leave ${ending} to other programs.`)
  for (const system of ['linux', 'mac', 'win']) {
    const icon = config[system]?.icon
    demand(icon && existsSync(join(root, icon)), `${system}.icon ${JSON.stringify(icon)} does not exist.`)
  }
  return problems
}

/** Sentences on what package.json lacks for a desktop. */
export function findManifestProblems(manifest) {
  const problems = []
  if (manifest.main !== 'out/main.js') problems.push('package.json: main must be "out/main.js".')
  for (const name of ['electron', 'electron-builder'])
    if (!manifest.devDependencies?.[name]) problems.push(`package.json: devDependencies lacks ${name}.`)
  return problems
}

const listOf = (value) => (Array.isArray(value) ? value : value == null ? [] : [value])

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)))
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const problems = [...findProblems(readConfig(root), root), ...findManifestProblems(manifest)]
  for (const problem of problems) process.stderr.write(`check-packaging: ${problem}\n`)
  process.exitCode = problems.length === 0 ? 0 : 1
}
