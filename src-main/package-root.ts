import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder that holds our package.json, found upwards from `folder`; throws if there is none. */
export function findPackageRoot(folder: string): string {
  const file = join(folder, 'package.json')
  if (existsSync(file) && (JSON.parse(readFileSync(file, 'utf8')) as { name?: string }).name === 'autodidact') {
    return folder
  }
  const parent = dirname(folder)
  if (parent === folder) throw new Error('The program is not inside its package: no package.json of autodidact found.')
  return findPackageRoot(parent)
}

/** The package's folder, with `resources/` and `node_modules/` in it: the same from the sources and from `out/`. */
export const packageRoot = findPackageRoot(dirname(fileURLToPath(import.meta.url)))

/** Loads a package the CommonJS way, as seen from the package's folder. */
export const requireFromPackage = createRequire(join(packageRoot, 'package.json'))
