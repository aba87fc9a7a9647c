import { mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const bench = fileURLToPath(new URL('..', import.meta.url))
// Inside the repository, because the engine looks for its package upwards.
const folder = fileURLToPath(new URL('../../../node_modules/.cache/bench', import.meta.url))

/** Makes one JavaScript file of a TypeScript program, given by its path in tests/bench; gives the file's path. */
export async function bundle(program) {
  const { rolldown } = await import('rolldown')
  mkdirSync(folder, { recursive: true })
  const file = join(folder, basename(program).replace(/\.ts$/, '.mjs'))
  const build = await rolldown({
    input: join(bench, program),
    platform: 'node',
    external: /^(node:|@?[a-z][\w-]*(\/|$))/,
    logLevel: 'silent'
  })
  await build.write({ file, format: 'esm', codeSplitting: false })
  await build.close()
  return file
}
