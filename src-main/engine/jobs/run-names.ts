import { access } from 'node:fs/promises'
import { join } from 'node:path'

const longest = 60
/** Names that Windows keeps for its devices. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)$/

/** A name as that of a folder on every system: `Noisy labels, 40 %` -> `noisy-labels-40`. */
export function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}._]+/gu, '-')
    .slice(0, longest)
    .replace(/^[-.]+|[-.]+$/g, '')
  return slug === '' || reserved.test(slug) ? `run${slug && `-${slug}`}` : slug
}

/** A folder below `runs` for a run of that name, which nothing lies at and `isTaken` does not know: with -2, -3... */
export async function chooseRunFolder(
  runs: string,
  name: string,
  isTaken: (folder: string) => boolean
): Promise<string> {
  const slug = slugOf(name)
  for (let number = 1; ; number++) {
    const folder = join(runs, number === 1 ? slug : `${slug}-${number}`)
    const isThere = await access(folder).then(
      () => true,
      () => false
    )
    if (!isThere && !isTaken(folder)) return folder
  }
}
