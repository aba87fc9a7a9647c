import { isAbsolute, relative, sep } from 'node:path'

/** True for the folder itself and all below it; both are real paths, links followed. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way))
}
