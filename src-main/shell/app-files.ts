import { realpath, stat } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { pageFileTypes } from '../page-files.ts'
import { isAppAddress } from './app-address.ts'

/** A file of the page, and its media type. */
export type AppFile = { path: string; type: string }

/**
 * The file of the built page in `folder` that an address names, or null: for a foreign or malformed address, for what is
 * not there, for kinds of files that no page is made of, and for all that really lies elsewhere, links included.
 */
export async function findAppFile(folder: string, address: string): Promise<AppFile | null> {
  const name = readName(address)
  const type = name === null ? undefined : pageFileTypes[extname(name).toLowerCase()]
  if (name === null || type === undefined) return null
  try {
    const root = await realpath(folder)
    const path = await realpath(join(root, name))
    if (!path.startsWith(root + sep) || !(await stat(path)).isFile()) return null
    return { path, type }
  } catch {
    return null
  }
}

function readName(address: string): string | null {
  if (!isAppAddress(address)) return null
  const { pathname } = new URL(address)
  if (pathname === '/' || pathname === '') return 'index.html'
  try {
    const name = decodeURIComponent(pathname)
    const isPlain = !name.includes('\0') && !name.includes('\\') && !name.split('/').includes('..')
    return isPlain ? name : null
  } catch {
    return null
  }
}
