import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, sep } from 'node:path'
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

/**
 * Where a file of the package really lies. A packed desktop keeps its files in one archive, into which only JavaScript
 * can look; what others read (fonts, native code) lies unpacked beside it.
 */
export function outsideArchive(path: string): string {
  const parts = path.split(sep)
  const at = parts.indexOf('app.asar')
  return at < 0 ? path : parts.with(at, 'app.asar.unpacked').join(sep)
}

/** The package's folder, with `node_modules/` in it: the same from the sources, from `out/` and in an archive. */
export const packageRoot = findPackageRoot(dirname(fileURLToPath(import.meta.url)))

/** The shipped fonts, icons, data sets and samples: a folder that every program can read. */
export const resourcesFolder = join(outsideArchive(packageRoot), 'resources')

/** The package's version. */
export const { version: packageVersion } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
  version: string
}

/** Loads a package the CommonJS way, as seen from the package's folder. */
export const requireFromPackage = createRequire(join(packageRoot, 'package.json'))
